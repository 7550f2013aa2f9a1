import duckdb
import pytest

import lake.read.listing_retry
from lake.read.listing_retry import retry_listing


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits."""
    monkeypatch.setattr(lake.read.listing_retry, "_PAUSE", 0)


def test_files_that_were_replaced_are_listed_again() -> None:
    """Compaction takes a file away between the listing and the opening."""
    answers = iter([duckdb.IOException("gone"), duckdb.IOException("gone"), 7])

    def read() -> object:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert retry_listing(read) == 7


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        pytest.param(duckdb.IOException("damaged"), 5, id="a file that stays unreadable"),
        # No file is to blame.
        pytest.param(duckdb.BinderException("no such column"), 1, id="a question that is wrong"),
    ],
)
def test_what_does_not_mend_is_reported(failure: duckdb.Error, expected: int) -> None:
    """A file is tried five times; what is wrong with the question is not asked again."""
    attempts: list[int] = []

    def read() -> None:
        attempts.append(1)
        raise failure

    with pytest.raises(type(failure), match=str(failure)):
        retry_listing(read)
    assert len(attempts) == expected
