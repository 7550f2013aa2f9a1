"""Where tables are printed."""

import pytest

from runtime.tables import open_console


def test_a_pipe_has_no_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless the user asks for one."""
    monkeypatch.delenv("COLUMNS", raising=False)
    assert open_console().width > 1_000
    monkeypatch.setenv("COLUMNS", "90")
    assert open_console().width == 90
