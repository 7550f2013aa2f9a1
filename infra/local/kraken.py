"""Which Kraken the pipeline records: the real one or the stand-in."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from infra.fake_kraken import DEFAULT_RECORDING, ReplayServer, load_recording, synthetic_tapes
from infra.local.tape_state import TapeState

__all__ = ["Kraken", "recorded_kraken", "synthetic_kraken"]


class Kraken(StrEnum):
    """Where trades come from."""

    REPLAY = "replay"
    LIVE = "live"


@contextmanager
def recorded_kraken() -> Iterator[Mapping[str, str]]:
    """Run a stand-in that serves recorded trades; yield the settings that point to it."""
    with ReplayServer() as server:
        pair = load_recording(DEFAULT_RECORDING).pair
        yield {**_addresses(server), "KRAKEN_PAIR": pair.wsname}


@contextmanager
def synthetic_kraken(rate: float, state: Path, hours: float = 24.0) -> Iterator[Mapping[str, str]]:
    """Run a stand-in with synthetic trades; yield the settings that point to it.

    The trades of earlier runs are served too, as `state` stores them, and ids continue from there.

    Args:
        rate: Trades a second.
        state: The file that stores when the trades of earlier runs happened.
        hours: For how long trades appear.
    """
    remembered = TapeState(state)
    stretches = remembered.begin(rate)
    count = stretches[-1].first + int(rate * hours * 3600)
    (tape,) = synthetic_tapes(load_recording(DEFAULT_RECORDING), count=count, rate=rate)
    try:
        with ReplayServer([replace(tape, stretches=stretches)]) as server:
            yield {**_addresses(server), "KRAKEN_PAIR": tape.pair.wsname}
    finally:
        remembered.end()


def _addresses(server: ReplayServer) -> Mapping[str, str]:
    """Return both of the stand-in's addresses; KRAKEN_FEED decides which one is used."""
    return {"KRAKEN_API_URL": server.url, "KRAKEN_WEBSOCKET_URL": server.websocket_url}
