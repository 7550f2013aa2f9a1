"""A server that answers as Kraken does, from recorded trades.

recordings/ ──▶ recording ─┐
                synthetic ─┴▶ tape ─▶ book ─┬▶ pages, paging, candles ▶ app ◀── fault_plan
                                      ▲     └▶ frames ──▶ live, wire ──▶ │
                              fault_plan                     server (a thread), __main__ (a program)
"""

from infra.replay.errors import ReplayError
from infra.replay.faults import Fault, FaultKind
from infra.replay.listing import tokenized, twin, without_wsname
from infra.replay.recording import DEFAULT_RECORDING, load_recording
from infra.replay.server import ReplayServer
from infra.replay.shown import ShownTrade
from infra.replay.synthetic import SyntheticTape, synthetic_bursts, synthetic_tapes

__all__ = [
    "DEFAULT_RECORDING",
    "Fault",
    "FaultKind",
    "ReplayError",
    "ReplayServer",
    "ShownTrade",
    "SyntheticTape",
    "load_recording",
    "synthetic_bursts",
    "synthetic_tapes",
    "tokenized",
    "twin",
    "without_wsname",
]
