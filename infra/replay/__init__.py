"""A server that answers as Kraken does, from recorded trades.

recordings/ ──▶ recording ─┐
                synthetic ─┴▶ tape ─┬▶ paging, candles ────▶ app ◀── faults
                                    └▶ frames ──▶ live, wire ▶ │
                                                server (a thread), __main__ (a program)
"""

from infra.replay.errors import ReplayError
from infra.replay.faults import Fault, FaultKind
from infra.replay.recording import DEFAULT_RECORDING, load_recording
from infra.replay.server import ReplayServer
from infra.replay.synthetic import SyntheticTape, synthetic_tapes

__all__ = [
    "DEFAULT_RECORDING",
    "Fault",
    "FaultKind",
    "ReplayError",
    "ReplayServer",
    "SyntheticTape",
    "load_recording",
    "synthetic_tapes",
]
