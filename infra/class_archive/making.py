"""Makes the archive: Java loads each class of the list and writes them to a file."""

import os
import subprocess
from pathlib import Path
from typing import Final

from infra.child_process import tied
from infra.class_archive.archive import ClassArchive
from infra.class_archive.errors import ArchiveFailed

__all__ = ["make", "remove_others"]

_LINES_SHOWN: Final = 5
_QUIET: Final = "-Xlog:disable"
"""Else Java warns about each class that it lacks or cannot archive."""


def make(archive: ClassArchive) -> None:
    """Make the archive under another name, then rename it.

    Raises:
        ArchiveFailed: Java made none; the message has the end of its output.
        OSError: The folder cannot be written.
    """
    target = archive.file
    target.parent.mkdir(exist_ok=True)
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    command = [
        *(str(archive.java.path), "-Xshare:dump", _QUIET, "-Xlog:all=error:stderr"),
        *(f"-XX:SharedClassListFile={archive.class_list}", f"-XX:SharedArchiveFile={partial}"),
        *("-cp", f"{archive.jars}/*"),
    ]
    try:
        answer = subprocess.run(  # noqa: S603 - fixed arguments, no shell
            tied(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        if answer.returncode or not partial.exists():
            raise ArchiveFailed(_complaint(answer.stdout, answer.returncode))
        # Java makes the file readable for its owner alone.
        partial.chmod(0o644)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def remove_others(archive: Path) -> None:
    """Remove archives that are not this one, half-written ones too.

    Programs that have one open go on with it. The caller holds the folder's lock.
    """
    for other in archive.parent.glob("*.jsa*"):
        if other != archive:
            other.unlink(missing_ok=True)


def _complaint(output: str, status: int) -> str:
    lines = [line for line in output.splitlines() if line.strip()][-_LINES_SHOWN:]
    return "\n  ".join([f"Java ended with status {status}", *lines])
