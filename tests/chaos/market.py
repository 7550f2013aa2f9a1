"""Eight pairs that trade while the exchange has faults, and the faults of each."""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from infra.fake_kraken import (
    DEFAULT_RECORDING,
    Fault,
    FaultKind,
    load_recording,
    synthetic_bursts,
    synthetic_tapes,
)
from infra.fake_kraken.market.paced import PacedTape
from infra.fake_kraken.market.tape import Tape
from producer.kraken.pairs import canonical_symbol

__all__ = [
    "AWAY_SECONDS",
    "RELISTED",
    "RELISTED_AS",
    "Names",
    "Trouble",
    "market",
    "names_of",
    "troubles",
]

Names = Mapping[tuple[str, int], Sequence[str]]
"""The symbols that trades are recorded under, by the pair's key and the epoch of its ids."""


TRADES_PER_SECOND: Final = 10.0
SYNTHETIC: Final = 7
BURST: Final = "SYN7USDT"
"""It trades in bursts, with some seconds of silence between them."""
BURST_TRADES: Final = 20
PAUSE: Final = 3.0
RELISTED: Final = "SYN5USDT"
"""Its ids start again once, after a minute without trades."""
RELISTED_AS: Final = "SYN5B/USDT"
"""What the new book is recorded as."""
AWAY_SECONDS: Final = 65.0
RENAMED: Final = "SYN6USDT"
"""Its wsname changes once."""
RENAMED_TO: Final = "NEW6/USDT"
RECORDED: Final = "XBTUSDT"

_LATE: Final = 0.6
"""What happens once in a run happens by this share of its time."""
_UNKNOWN: Final = "EQuery:Unknown asset pair"
_INVALID: Final = "EGeneral:Invalid arguments"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Faults that are armed together.

    Attributes:
        at: Seconds after the start.
        name: What of the exchange they stand for.
        faults: They.
    """

    at: float
    name: str
    faults: Sequence[Fault]

    def __str__(self) -> str:
        pairs = {fault.pair or "all pairs" for fault in self.faults}
        return f"{self.at:5.1f} s: {self.name} ({', '.join(sorted(pairs))})"


def market(seconds: float) -> Sequence[Tape]:
    """The pairs: seven synthetic ones, one of them in bursts, and the recorded one, paced."""
    recording = load_recording(DEFAULT_RECORDING)
    count = round(seconds * TRADES_PER_SECOND)
    tapes = synthetic_tapes(recording, count=count, pairs=SYNTHETIC, rate=TRADES_PER_SECOND)
    bursts = int(seconds / (PAUSE + BURST_TRADES / TRADES_PER_SECOND))
    burst = synthetic_bursts(
        replace(tapes[-1], count=bursts * BURST_TRADES), trades=BURST_TRADES, pause=PAUSE
    )
    paced = PacedTape(recording, len(recording.fields) / seconds, time.time_ns())
    return (*tapes[:-1], burst, paced)


def names_of(tapes: Sequence[Tape]) -> Names:
    """What is to be found under which symbols in the end."""
    names = {(one.pair.rest_name, 0): [canonical_symbol(one.pair.wsname)] for one in tapes}
    names[RENAMED, 0].append(RENAMED_TO)
    return {**names, (RELISTED, 1): [RELISTED_AS]}


Make = Callable[[random.Random, str], Sequence[Fault]]


def _fault(kind: FaultKind, pair: str | None, **settings: object) -> Fault:
    return Fault.model_validate({"kind": kind, "pair": pair, **settings})


def _withheld(chance: random.Random, pair: str) -> Sequence[Fault]:
    """Some for longer than a gap takes to be confirmed: it has to be revoked."""
    return [
        _fault(
            FaultKind.WITHHELD,
            pair,
            trades=chance.randint(1, 5),
            after=chance.randint(0, 3),
            seconds=chance.choice([2, 5, 5, 8, 20]),
            socket=chance.choice(["all", "some", "none"]),
            every=chance.choice([1, 1, 2]),
        )
    ]


def _differing(chance: random.Random, pair: str) -> Sequence[Fault]:
    lasting = chance.uniform(4, 10)
    return [_fault(FaultKind.STALE, pair, seconds=chance.uniform(1, 5), every=2, lasting=lasting)]


def _refused(chance: random.Random, pair: str) -> Sequence[Fault]:
    message = chance.choice([_UNKNOWN, _INVALID])
    once = chance.random() < 0.5
    settings: dict[str, object] = {"times": 1} if once else {"lasting": chance.uniform(3, 8)}
    return [_fault(FaultKind.ERROR, pair, message=message, **settings)]


def _refused_beside_gaps(chance: random.Random, pair: str) -> Sequence[Fault]:
    others = [key for key in _anytime() if key != pair]
    return [
        _fault(FaultKind.ERROR, pair, message="EService:Unavailable", lasting=8),
        *(
            _fault(FaultKind.WITHHELD, key, trades=3, after=1, seconds=3, socket="none")
            for key in chance.sample(others, 2)
        ),
    ]


def _anytime() -> Sequence[str]:
    """The pairs with no permanent fault."""
    return [*(f"SYN{number}USDT" for number in (1, 2, 3, 4, 7)), RECORDED]


_KINDS: Final[Mapping[str, Make]] = MappingProxyType(
    {
        "REST lacks ids for a while": _withheld,
        "back ends differ": _differing,
        "answers are cached": lambda _, pair: [
            _fault(FaultKind.CACHED, pair, seconds=6, lasting=10)
        ],
        "stamped out of id order": lambda chance, pair: [
            _fault(FaultKind.OUT_OF_ORDER, pair, trades=chance.randint(1, 5))
        ],
        "ids that never were": lambda chance, pair: [
            _fault(FaultKind.NEVER, pair, trades=chance.randint(1, 4), after=chance.randint(0, 3))
        ],
        "delisted for a while": lambda chance, pair: [
            _fault(FaultKind.DELISTED, pair, lasting=chance.uniform(3, 10))
        ],
        "one pair refused": _refused,
        "a row of six fields": lambda _, pair: [_fault(FaultKind.SIX_FIELDS, pair)],
        "the WebSocket refuses": lambda _, pair: [
            _fault(FaultKind.REFUSE_SYMBOL, pair, lasting=5),
            _fault(FaultKind.CLOSE, pair, code=1012),
        ],
        "a dead subscription": lambda chance, pair: [
            _fault(FaultKind.DEAD_SUBSCRIPTION, pair, until=chance.choice(["subscribe", "connect"]))
        ],
        "an unsubscription": lambda _, pair: [_fault(FaultKind.UNSUBSCRIBED, pair)],
        "403 by HTML": lambda chance, _: [
            _fault(FaultKind.HTTP_403, None, lasting=chance.uniform(1, 5))
        ],
        "404 on a path": lambda chance, pair: [
            _fault(FaultKind.HTTP_404, pair, times=chance.randint(1, 3))
        ],
        "short pages": lambda _, pair: [_fault(FaultKind.SHORT_PAGES, pair, trades=7, lasting=10)],
        "one refused beside gaps": _refused_beside_gaps,
        "rows for the dead letters": lambda chance, pair: [
            _fault(FaultKind.UNREADABLE, pair, trades=chance.randint(1, 3)),
            _fault(FaultKind.ODD_ROW, pair),
            _fault(FaultKind.BAD_ROW, pair),
        ],
        "the last of a burst is lost": lambda _, __: [
            _fault(FaultKind.LOST_LAST, BURST, lasting=10)
        ],
        "times differ by a microsecond": lambda _, pair: [
            _fault(FaultKind.MICROSECOND, pair, lasting=10)
        ],
    }
)


def troubles(seed: str, seconds: float) -> list[Trouble]:
    """What goes wrong: every kind before any repeats, and what happens once in between.

    Args:
        seed: Decides.
        seconds: How long the pairs trade; the last seconds are left in peace.
    """
    chance = random.Random(seed)
    each = max(2.0, min(8.0, seconds * 0.8 / len(_KINDS)))
    found = [
        Trouble(chance.uniform(0.1, _LATE) * seconds, *once)
        for once in (
            ("ids begin anew", [_fault(FaultKind.NEW_BOOK, RELISTED, pause=AWAY_SECONDS)]),
            ("another wsname", [_fault(FaultKind.RENAMED, RENAMED, name=RENAMED_TO)]),
        )
    ]
    for at, name in zip(_times(each, seconds * 0.9), _names(chance), strict=False):
        found.append(Trouble(at, name, _KINDS[name](chance, chance.choice(_anytime()))))
    return sorted(found, key=lambda one: one.at)


def _times(each: float, end: float) -> Iterator[float]:
    at = each
    while at < end:
        yield at
        at += each


def _names(chance: random.Random) -> Iterator[str]:
    while True:
        yield from chance.sample(list(_KINDS), k=len(_KINDS))
