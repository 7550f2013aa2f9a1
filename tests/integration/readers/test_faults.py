"""What each reader gets wrong today, in its version of docs/readers.md, and what it reads too much.

A test here fails once a reader has become better: its sentence in docs/readers.md is to go then.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.integration.readers.conftest import Answered
from tests.integration.readers.expected import is_right
from tests.integration.readers.readers import READERS

WITHOUT_UNION = "files by the columns of one"


@dataclass(frozen=True)
class Fault:
    """A query that looks right, and is not.

    Attributes:
        reader: Whose fault it is.
        question: The query's name in the reader's program.
        asks: The question that it should answer.
        error: What the error says; None if the answer is wrong without one.
        forms: Where; None: in all that it reads.
    """

    reader: str
    question: str
    asks: str
    error: str | None
    forms: tuple[str, ...] | None = None

    def __str__(self) -> str:
        """For the test's name."""
        return f"{self.reader}: {self.question} in {' and '.join(self.where)}"

    @property
    def where(self) -> tuple[str, ...]:
        """The formats."""
        return self.forms or READERS[self.reader].formats


def by_one(reader: str, error: str) -> Fault:
    """Columns are taken from one file, which may lack the newest."""
    return Fault(reader, "feed", "feed", error, (WITHOUT_UNION,))


FAULTS = [
    by_one("DuckDB", 'column "feed" not found'),
    by_one("DuckDB 1", 'column "feed" not found'),
    by_one("Polars", 'unable to find column "feed"'),
    by_one("pyarrow", "No match for FieldRef.Name(feed)"),
    by_one("pandas", "No match for FieldRef.Name(feed)"),
    by_one("Spark", "name `feed` cannot be resolved"),
    by_one("chDB", "Unknown expression identifier `feed`"),
    Fault("Polars", "turnover as it comes", "turnover", None),
    Fault("pyarrow", "turnover in 128 bits", "turnover", "Decimal precision out of range"),
    Fault("pyarrow", "price by an int", "price at least", "Precision is not great enough"),
    Fault("pyarrow", "price by a float", "price with decimals", None),
    Fault("pandas", "turnover with 28 digits", "turnover", None),
    Fault("pandas", "price by a float", "price with decimals", None),
    Fault("pandas", "price by an int", "price at least", "Precision is not great enough"),
    Fault("Spark", "turnover as it comes", "turnover", None),
    Fault("Spark", "vwap as it comes", "vwap", None),
    Fault("DataFusion", "vwap of decimals", "vwap", "overflow"),
    Fault("DataFusion", "price by a literal", "price with decimals", None),
    Fault("deltalake", "vwap of decimals", "vwap", "overflow"),
    Fault("deltalake", "price by a literal", "price with decimals", None),
    Fault("chDB", "vwap of decimals", "vwap", None),
    Fault("PyIceberg", "turnover in 128 bits", "turnover", "Decimal precision out of range"),
    Fault("PyIceberg", "symbol that is not selected", "symbol", None),
    Fault("PyIceberg", "price by a literal", "price with decimals", "Could not convert 72944.4"),
]


@pytest.mark.parametrize("lake", ["landed", "compacted"])
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_is_as_described(
    answered_by: Callable[[str], Answered], fault: Fault, lake: str
) -> None:
    """An error that says so, or a wrong answer without any."""
    for form in fault.where:
        answer = answered_by(fault.reader).answers[form][lake][fault.question]
        if fault.error is None:
            assert "error" not in answer
            assert not is_right(fault.asks, answer)
        else:
            assert fault.error.lower() in answer["error"].lower()


FOLDERS_AND_BOUNDS = ("other files are not opened", "other files are not opened")
FOLDERS = ("other files are not opened", "footers of other files are read")
FOOTERS = ("footers of other files are read", "footers of other files are read")
READ = {
    ("DuckDB", "files"): FOOTERS,
    ("DuckDB", "delta"): FOOTERS,
    ("DuckDB", "delta by the data set"): FOLDERS_AND_BOUNDS,
    ("DuckDB", "iceberg"): FOOTERS,
    ("DuckDB 1", "files"): FOOTERS,
    ("DuckDB 1", "delta"): FOLDERS,
    ("DuckDB 1", "iceberg"): FOLDERS_AND_BOUNDS,
    ("Polars", "files"): FOOTERS,
    ("Polars", "delta"): FOLDERS_AND_BOUNDS,
    ("Polars", "iceberg"): FOLDERS_AND_BOUNDS,
    ("pyarrow", "files"): FOOTERS,
    ("pyarrow", "delta"): FOLDERS,
    ("pyarrow", "iceberg"): FOLDERS,
    ("pyarrow", "delta by the data set"): FOLDERS_AND_BOUNDS,
    ("pandas", "files"): FOOTERS,
    ("pandas", "delta"): FOLDERS,
    ("pandas", "iceberg"): FOLDERS,
    ("Spark", "files"): FOOTERS,
    ("Spark", "delta"): FOLDERS_AND_BOUNDS,
    ("DataFusion", "files"): FOOTERS,
    ("DataFusion", "delta"): FOLDERS_AND_BOUNDS,
    ("DataFusion", "iceberg"): FOLDERS,
    ("chDB", "files"): FOOTERS,
    ("chDB", "delta"): FOLDERS,
    ("chDB", "iceberg"): FOLDERS_AND_BOUNDS,
    ("deltalake", "delta"): FOLDERS_AND_BOUNDS,
    ("PyIceberg", "iceberg"): FOLDERS_AND_BOUNDS,
}
"""What is read, besides the rows in question, for a filter on the symbol and for a range."""


@pytest.mark.parametrize(("reader", "form"), READ, ids=str)
def test_what_is_read_for_a_filter(
    answered_by: Callable[[str], Answered], reader: str, form: str
) -> None:
    """Shown by lakes in which the rows of all other files are unreadable, or all of their bytes."""
    answers = answered_by(reader).answers[form]
    found = []
    for kept, question in (("symbol", "symbol"), ("range", "time")):
        only_rows, only_files = (answers[f"only the {kept}'s {of}"] for of in ("rows", "files"))
        assert is_right(question, only_rows[question]), only_rows
        is_spared = is_right(question, only_files[question])
        found.append("other files are not opened" if is_spared else FOOTERS[0])
    assert READ[reader, form] == tuple(found)


@pytest.mark.parametrize("form", ["delta", "iceberg"])
def test_pyarrow_opens_only_the_files_that_the_table_names_for_a_range(
    answered_by: Callable[[str], Answered], form: str
) -> None:
    """By the predicate that deltalake or PyIceberg is given for its list of files."""
    answers = answered_by("pyarrow").answers[f"{form} of the range"]
    assert is_right("time", answers["compacted"]["time"])
    assert is_right("time", answers["only the range's files"]["time"])


def test_datafusion_finds_a_literal_that_is_a_decimal(
    answered_by: Callable[[str], Answered],
) -> None:
    """By its setting for that."""
    answers = answered_by("DataFusion").answers
    for form in READERS["DataFusion"].formats:
        assert is_right(
            "price with decimals", answers[form]["compacted"]["price by a decimal literal"]
        )


def test_chdb_takes_a_literal_for_a_double(answered_by: Callable[[str], Answered]) -> None:
    """So that a price may differ from the same digits."""
    answers = answered_by("chDB").answers["files"]["landed"]
    assert answers["a price equals its literal"] == [0]


def test_datafusion_leaves_out_no_file_by_the_provider_of_deltalake(
    answered_by: Callable[[str], Answered],
) -> None:
    """Right answers, but every file is read; over the data set it is not."""
    answers = answered_by("DataFusion").answers["delta by deltalake's provider"]
    assert is_right("symbol", answers["compacted"]["symbol"])
    assert not is_right("symbol", answers["only the symbol's rows"]["symbol"])
    assert not is_right("time", answers["only the range's rows"]["time"])
