"""The table that every command prints for people."""

from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

__all__ = ["PlainTable"]


class PlainTable(Table):
    """A table whose cells appear as they are.

    rich reads `[us, tz=UTC]` as markup and drops it. Cells hold what other programs sent: reasons,
    messages, names.

    Args:
        headers: The left-aligned columns to begin with.
        options: What `rich.table.Table` takes.
    """

    def __init__(self, *headers: str, **options: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*headers, box=box.SIMPLE_HEAD, **options)

    def add(self, *cells: str) -> None:
        """Append a row."""
        self.add_row(*(Text(cell) for cell in cells))
