import duckdb
import pytest

import lake.rereading
from lake.rereading import reread


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits."""
    monkeypatch.setattr(lake.rereading, "_PAUSE", 0)


def test_files_that_were_replaced_are_listed_again() -> None:
    """Compaction takes a file away between the listing and the opening."""
    answers = iter([duckdb.IOException("gone"), duckdb.IOException("gone"), 7])

    def read() -> object:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert reread(read) == 7


def test_a_file_that_stays_unreadable_is_told() -> None:
    """After five attempts."""
    attempts: list[int] = []

    def read() -> None:
        attempts.append(1)
        raise duckdb.IOException("damaged")

    with pytest.raises(duckdb.IOException, match="damaged"):
        reread(read)
    assert len(attempts) == 5


def test_what_is_wrong_with_the_question_is_not_asked_again() -> None:
    """No file is to blame."""
    attempts: list[int] = []

    def read() -> None:
        attempts.append(1)
        raise duckdb.BinderException("no such column")

    with pytest.raises(duckdb.BinderException):
        reread(read)
    assert len(attempts) == 1
