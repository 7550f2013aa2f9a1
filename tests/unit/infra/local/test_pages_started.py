import io
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from rich.console import Console

import infra.local.run
from infra.local.programs import Program

SERVES = "import time; print('The pages are at http://127.0.0.1:8088/', flush=True); time.sleep(60)"
CANNOT = "raise SystemExit(1)"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (SERVES, "The pages are at http://127.0.0.1:8088/"),
        (CANNOT, "The lake's pages did not start; see "),
    ],
    ids=["served", "not served"],
)
def test_make_run_says_where_the_pages_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, said: str
) -> None:
    """Or that they did not start; the pipeline does not end because of them."""
    monkeypatch.setattr(
        infra.local.run, "CONSOLE", Program("console", (sys.executable, "-c", code))
    )
    out = io.StringIO()
    with ExitStack() as at_end:
        infra.local.run._show_console(Console(file=out, width=200), {}, tmp_path, at_end)
    assert out.getvalue().startswith(said)
