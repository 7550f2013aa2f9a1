import io

from rich.console import Console

from runtime.tables import PlainTable


def test_brackets_in_a_cell_are_printed() -> None:
    """An Arrow type, an errno and a JSON row are text, not markup."""
    table, printed = PlainTable("column", "type"), io.StringIO()
    table.add("executed_at", "timestamp[us, tz=UTC]")
    table.add("[bold]", '[Errno 111] refused; ["101.5", 7]')
    Console(file=printed, width=100).print(table)
    for cell in ("timestamp[us, tz=UTC]", "[bold]", '[Errno 111] refused; ["101.5", 7]'):
        assert cell in printed.getvalue()
