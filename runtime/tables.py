"""The tables that commands print for people, and where they print them."""

import os
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

__all__ = ["PlainTable", "open_console"]

_WIDE: Final = 10_000


def open_console() -> Console:
    """Return what prints tables to standard output.

    A file or a pipe has no width: no line is broken there and no cell is cut, unless COLUMNS asks
    for it.
    """
    console = Console()
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _WIDE
    return console


class PlainTable(Table):
    """A table whose cells appear as they are.

    rich reads `[us, tz=UTC]` as markup and drops it. Cells hold what other programs sent: reasons,
    messages, names.

    Args:
        headers: The left-aligned columns to begin with.
        options: What `rich.table.Table` takes. Without `box`, a line is below the headers.
    """

    def __init__(self, *headers: str, **options: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*headers, **{"box": box.SIMPLE_HEAD, **options})

    def add(self, *cells: str, style: str = "") -> None:
        """Append a row.

        Args:
            cells: Its cells.
            style: rich's style for the last cell.
        """
        plain, last = cells[:-1], cells[-1:]
        self.add_row(*(Text(cell) for cell in plain), *(Text(cell, style) for cell in last))
