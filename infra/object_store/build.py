"""Builds the server from its Go module, once.

go.mod names its version and go.sum holds the checksums of everything that is compiled, so two
machines build the same program. Where Go fetches modules from is the user's setting (GOPROXY).
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from infra.jars.installation import exclusive
from infra.object_store.errors import BuildFailed
from infra.object_store.go import find_go

__all__ = ["MODULE", "built", "built_path"]

MODULE: Final = Path(__file__).with_name("module")
"""The folder of go.mod and go.sum."""

_PROGRAM: Final = "github.com/versity/versitygw/cmd/versitygw"
_FIRST_LINES: Final = 3


def built_path(folder: Path) -> Path:
    """Return where the server is once it is built; the name changes with its lock."""
    lock = b"".join((MODULE / name).read_bytes() for name in ("go.mod", "go.sum"))
    return folder / "object-store" / f"versitygw-{hashlib.sha256(lock).hexdigest()[:16]}"


def built(folder: Path) -> Path:
    """Return the server's program; build it below `folder` if it is not there.

    Raises:
        StoreUnavailable: It cannot be built here; the message says why.
    """
    program = built_path(folder)
    if program.exists():
        return program
    with exclusive(folder / "object-store", _say_waiting):
        if not program.exists():
            _build(find_go(folder), program)
    return program


def _build(go: Path, program: Path) -> None:
    _say("Building the object store from its Go module: minutes, once")
    with tempfile.TemporaryDirectory(dir=program.parent) as scratch:
        partial = Path(scratch) / program.name
        answer = subprocess.run(  # noqa: S603 - fixed arguments, no shell
            # Without symbols and paths of this machine: a third smaller, and the same everywhere.
            [go, "build", "-mod=readonly", "-trimpath", "-ldflags=-s -w", "-o", partial, _PROGRAM],
            cwd=MODULE,
            env={**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": ""},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode:
            said = "\n  ".join(answer.stderr.strip().splitlines()[:_FIRST_LINES])
            raise BuildFailed(
                f"Go could not build {_PROGRAM}:\n  {said}\nCheck that Go reaches its module "
                "proxy (go env GOPROXY), and run this again."
            )
        partial.rename(program)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _say_waiting() -> None:
    _say("Waiting for another process that builds the object store")
