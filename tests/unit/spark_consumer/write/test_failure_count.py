"""What one run leaves to the next about the batch that it failed at."""

from pathlib import Path

import pytest

from lake.log.commit import OffsetRange
from spark_consumer.write.failure_count import Attempts

HERE = {0: OffsetRange(start=5, end=9), 1: OffsetRange(start=0, end=0)}
LONGER = {0: OffsetRange(start=5, end=90), 1: OffsetRange(start=0, end=0)}
BEHIND = {0: OffsetRange(start=9, end=12), 1: OffsetRange(start=0, end=0)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that is not there yet, nor is its folder."""
    return tmp_path / "_platform" / "stream.attempt.json"


def test_a_run_that_was_killed_counts_as_a_failure_at_its_position(path: Path) -> None:
    """It had no time to say so; where the batch ends is of no account."""
    assert Attempts(path).begin(HERE) == 0
    assert Attempts(path).begin(LONGER) == 1
    assert Attempts(path).begin(BEHIND) == 0


def test_a_failure_is_counted_once_a_run(path: Path) -> None:
    """A batch that began and failed counts once; a later batch's failure counts separately."""
    first = Attempts(path)
    first.begin(HERE)
    assert first.failed(HERE) == 1
    again = Attempts(path)
    assert again.begin(HERE) == 1
    assert again.failed(HERE) == 2
    again.forget()
    assert again.failed(BEHIND) == 1
    assert Attempts(path).begin(BEHIND) == 1


def test_what_landed_is_forgotten(path: Path) -> None:
    """The position is another one; nothing is left on disk."""
    attempts = Attempts(path)
    attempts.begin(HERE)
    attempts.forget()
    assert not path.exists()
    assert Attempts(path).begin(HERE) == 0


@pytest.mark.parametrize("content", ["", "[]", '{"start": 1}', "\0"])
def test_a_file_of_another_form_tells_nothing(path: Path, content: str) -> None:
    """It is a hint and no record."""
    path.parent.mkdir()
    path.write_text(content)
    assert Attempts(path).begin(HERE) == 0
