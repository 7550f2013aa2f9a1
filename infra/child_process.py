"""Child processes that end with the process that started them, even when that is killed.

Linux only: elsewhere a killed parent leaves its children running. The kernel ties a child to the
*thread* that started it, so that thread has to live as long as the child should.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

__all__ = ["tied"]

_PR_SET_PDEATHSIG: Final = 1
"""<linux/prctl.h>: the signal to get when the parent dies. It outlives exec."""


def tied(command: Sequence[str | Path]) -> list[str]:
    """Return `command` so that it gets SIGKILL when the thread that starts it ends.

    A small program sets this up and then becomes `command`, keeping its process id: code that runs
    between fork and exec could deadlock in a process with threads, which this one is.
    """
    # -I -S: no site-packages and no environment variables, so this takes 20 ms and nothing that
    # the user has installed or set can break it.
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *map(str, command)]


def main(arguments: Sequence[str]) -> None:
    """Tie this process to the parent whose id is the first argument, then run the others."""
    parent, *command = arguments
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(parent):
        return  # the parent died before prctl was called
    os.execv(command[0], command)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
