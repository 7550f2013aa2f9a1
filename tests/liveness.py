"""Checks whether a process that is not a child of this one has ended."""

from pathlib import Path


def is_gone(pid: int) -> bool:
    """Whether it runs no more; who started it may not have asked for its status yet."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):  # the latter where it ends meanwhile
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"
