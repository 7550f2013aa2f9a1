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


def test_a_style_is_of_the_last_cell() -> None:
    """What is refused is red in a terminal, and the same text in a file."""
    table, terminal, file = PlainTable("subject", "plan", box=None), io.StringIO(), io.StringIO()
    table.add("[trades]", "refused", style="red")
    Console(file=terminal, force_terminal=True, color_system="standard").print(table)
    Console(file=file).print(table)
    assert "\x1b[31mrefused" in terminal.getvalue()
    assert file.getvalue().splitlines()[1].split() == ["[trades]", "refused"]
