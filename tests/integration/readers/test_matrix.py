"""Every cell of the matrix in docs/readers.md: reader, format, state of the files, question."""

from collections.abc import Callable

import pytest

from tests.integration.readers.conftest import Answered
from tests.integration.readers.expected import QUESTIONS, is_right
from tests.integration.readers.readers import READERS

CELLS = [
    (name, form, lake)
    for name, reader in READERS.items()
    for form in reader.formats
    for lake in ("landed", "compacted")
]


@pytest.mark.parametrize(("reader", "form", "lake"), CELLS, ids=str)
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_cell_is_right(
    answered_by: Callable[[str], Answered], reader: str, form: str, lake: str, question: str
) -> None:
    """By the reader's query for it, to the last digit."""
    answer = answered_by(reader).answers[form][lake][question]
    assert is_right(question, answer), answer
