"""jars.lock: every archive of every group with its size and SHA-256, without addresses.

[kafka]
org.apache.kafka:kafka-clients:jar:4.1.1 9765981 sha256:5f…
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from infra.jars.artifact import Coordinates, LockedArtifact
from infra.jars.errors import LockInvalid

__all__ = ["LOCK_FILE", "Lock", "digest", "load_lock", "parse_lock", "render_lock"]

LOCK_FILE: Final = Path(__file__).with_name("jars.lock")

_HEADER: Final = "# Written by `python -m infra.jars --lock`: archive, bytes, SHA-256.\n"
_LINE: Final = re.compile(r"(?P<coordinates>\S+) (?P<size>\d+) sha256:(?P<sha256>[0-9a-f]{64})")

Lock = Mapping[str, tuple[LockedArtifact, ...]]
"""Group name -> its archives, sorted."""


def parse_lock(text: str) -> Lock:
    """Return the groups of a lock file and their archives.

    Raises:
        LockInvalid: A line is no comment, `[group]` or archive; the message has its number.
    """
    groups: dict[str, list[LockedArtifact]] = {}
    current: list[LockedArtifact] | None = None
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("[") and line.endswith("]"):
            current = groups.setdefault(line[1:-1], [])
        elif current is None:
            raise LockInvalid(f"line {number}: {line!r} comes before any [group]")
        else:
            current.append(_parse_line(number, line))
    return {group: tuple(sorted(artifacts)) for group, artifacts in groups.items()}


def _parse_line(number: int, line: str) -> LockedArtifact:
    match = _LINE.fullmatch(line)
    if match is None:
        raise LockInvalid(f"line {number}: {line!r} is not `archive bytes sha256:hex`")
    try:
        coordinates = Coordinates.parse(match["coordinates"])
    except ValueError as error:
        raise LockInvalid(f"line {number}: {error}") from error
    return LockedArtifact(coordinates, int(match["size"]), match["sha256"])


def render_lock(lock: Lock) -> str:
    """Return the text of a lock file; `parse_lock` reads it back."""
    sections = (f"\n[{group}]\n" + _render_lines(artifacts) for group, artifacts in lock.items())
    return _HEADER + "".join(sections)


def _render_lines(artifacts: Iterable[LockedArtifact]) -> str:
    return "".join(f"{a.coordinates} {a.size} sha256:{a.sha256}\n" for a in sorted(artifacts))


def digest(artifacts: Iterable[LockedArtifact]) -> str:
    """Return a checksum of a group's archives, which changes when any of them does."""
    return hashlib.sha256(_render_lines(artifacts).encode()).hexdigest()


def load_lock(path: Path = LOCK_FILE) -> Lock:
    """Read a lock file.

    Raises:
        LockInvalid: The file cannot be read, or is not a lock file.
    """
    try:
        return parse_lock(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LockInvalid(f"Cannot read {path} ({error.strerror}); {_RELOCK}") from error
    except LockInvalid as error:
        raise LockInvalid(f"{path}, {error}; {_RELOCK}") from error


_RELOCK: Final = "write it again with: python -m infra.jars --lock"
