"""The stack's ports on loopback: chosen once, stored, and reused while they are free."""

import json
import random
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final

from infra.embedded.errors import NoFreePort

__all__ = [
    "CANDIDATES",
    "LOOPBACK",
    "Ports",
    "choose_each",
    "choose_ports",
    "is_free",
    "recall_ports",
    "remember_ports",
]

LOOPBACK: Final = "127.0.0.1"

CANDIDATES: Final = range(20_000, 30_000)
"""Below the ephemeral ports of outgoing connections (from 32768 on Linux, 49152 elsewhere): there,
a client that retries could take a server's port while the server restarts, or, on loopback, connect
to itself."""

_TRIES: Final = 200


@dataclass(frozen=True)
class Ports:
    """Where the broker's clients, its controller and the registry listen."""

    broker: int
    controller: int
    registry: int


def is_free(port: int) -> bool:
    """Return whether a server could listen on `port` now."""
    with socket.socket() as probe:
        # Java's servers set it too: connections of a server that has just ended do not block the
        # port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen()
        except OSError:
            return False
    return True


def choose_ports(
    remembered: Mapping[str, int], free: Callable[[int], bool], rng: random.Random
) -> Ports:
    """Return the remembered ports that are free, and new ones in place of the others.

    Raises:
        NoFreePort: None of 200 random ports is free.
    """
    return Ports(**choose_each([field.name for field in fields(Ports)], remembered, free, rng))


def choose_each(
    names: Iterable[str],
    remembered: Mapping[str, int],
    free: Callable[[int], bool],
    rng: random.Random,
) -> dict[str, int]:
    """Return a port for each server: the remembered one if it is free, or a new one.

    Raises:
        NoFreePort: None of 200 random ports is free.
    """
    chosen: dict[str, int] = {}
    for name in names:
        chosen[name] = _choose(
            name, remembered, lambda port: port not in chosen.values() and free(port), rng
        )
    return chosen


def _choose(
    name: str, remembered: Mapping[str, int], free: Callable[[int], bool], rng: random.Random
) -> int:
    wanted = [remembered[name]] if name in remembered else []
    tries = [*wanted, *rng.sample(CANDIDATES, _TRIES)]
    port = next((port for port in tries if free(port)), None)
    if port is None:
        raise NoFreePort(
            f"None of {len(tries)} ports tried on {LOOPBACK} between {CANDIDATES.start} and "
            f"{CANDIDATES.stop} is free for the {name}"
        )
    return port


def remember_ports(path: Path, ports: Ports | Mapping[str, int]) -> None:
    """Write `ports` to a file for the next start."""
    named = asdict(ports) if isinstance(ports, Ports) else dict(ports)
    path.write_text(json.dumps(named, indent=2) + "\n", encoding="utf-8")


def recall_ports(path: Path) -> dict[str, int]:
    """Return the ports that `remember_ports` wrote; none if the file is missing or unreadable."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: port for name, port in found.items() if isinstance(port, int)}
