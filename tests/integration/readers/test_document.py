"""docs/readers.md: its versions are those that answered, its code is that which ran."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine import ROOT
from tests.integration.readers.conftest import Answered
from tests.integration.readers.readers import READERS

DOCUMENT = (ROOT / "docs" / "readers.md").read_text(encoding="utf-8")
PROGRAMS = Path(__file__).with_name("programs")


def section_of(reader: str) -> str:
    """The text below a reader's heading."""
    return re.split(r"^## ", DOCUMENT.split(f"\n## {reader}\n")[1], flags=re.MULTILINE)[0]


def test_every_reader_has_a_row_and_a_section() -> None:
    """And there are no others."""
    rows = re.findall(r"^\| \[([^\]]+)\]\(#[a-z0-9-]+\) \| [\d.]+ \|", DOCUMENT, re.MULTILINE)
    assert rows == [*READERS]
    assert all(section_of(name) for name in READERS)


@pytest.mark.parametrize("reader", READERS)
def test_the_version_is_the_one_that_answered(
    answered_by: Callable[[str], Answered], reader: str
) -> None:
    """A reader's own, in its row of the table."""
    version = next(iter(answered_by(reader).versions.values()))
    assert re.search(
        rf"^\| \[{reader}\]\([^)]+\) \| {re.escape(version)} \|", DOCUMENT, re.MULTILINE
    )


@pytest.mark.parametrize("reader", READERS)
def test_code_is_shown_as_it_runs(reader: str) -> None:
    """Each line of it stands in the reader's program, or in what it opens the table with."""
    programs = (f"{READERS[reader].program}.py", "iceberg_table.py")
    texts = [(PROGRAMS / name).read_text(encoding="utf-8") for name in programs]
    lines = {line.strip() for text in texts for line in text.splitlines()}
    blocks = re.findall(r"^```\w+\n(.*?)^```", section_of(reader), re.MULTILINE | re.DOTALL)
    shown = [line.strip() for block in blocks for line in block.splitlines()]
    assert [line for line in shown if line not in lines] == []
