"""A server that answers as Kraken does, from recorded or synthetic trades.

recordings/ ──▶ recording ─┐
                synthetic ─┴▶ tape ─▶ book ─┬▶ pages, paging, candles ▶ app ◀── fault_plan
                                      ▲     └▶ frames ──▶ live, wire ──▶ │
                              fault_plan                     server (a thread), __main__ (a program)
"""

from infra.fake_kraken.errors import ReplayError
from infra.fake_kraken.faults.faults import Fault, FaultKind
from infra.fake_kraken.market.listing import tokenized, twin, without_wsname
from infra.fake_kraken.market.recording import DEFAULT_RECORDING, load_recording
from infra.fake_kraken.market.shown import ShownTrade
from infra.fake_kraken.market.synthetic import (
    SyntheticTape,
    synthetic_bursts,
    synthetic_tape,
    synthetic_tapes,
)
from infra.fake_kraken.server import ReplayServer

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
    "synthetic_tape",
    "synthetic_tapes",
    "tokenized",
    "twin",
    "without_wsname",
]
