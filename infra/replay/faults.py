"""Faults on request: which exist, when each strikes, and how a command line names one."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from infra.replay.errors import FaultInvalid


class FaultKind(StrEnum):
    """What may go wrong with an answer."""

    ERROR = "error"
    """HTTP 200 with `message` in Kraken's error list."""
    RATE_LIMIT = "rate-limit"
    """HTTP 200 with `EAPI:Rate limit exceeded`."""
    UNAVAILABLE = "unavailable"
    """HTTP 200 with `EService:Unavailable`."""
    HTTP_429 = "http-429"
    """Called too often, and no JSON."""
    HTTP_503 = "http-503"
    """Out of service, and no JSON."""
    HTTP_520 = "http-520"
    """The page of HTML that stands before Kraken when it fails."""
    RUBBISH = "rubbish"
    """HTTP 200 with a body that is no JSON."""
    SLOW = "slow"
    """The right answer, `seconds` late."""
    CUT = "cut"
    """The right answer, the connection cut in its middle."""
    REPEAT = "repeat"
    """The page begins with the last `trades` trades before the cursor, as if it were inclusive."""
    JUMP = "jump"
    """`trades` trades are missing from the page's middle, and there when asked for again."""
    HOLE = "hole"
    """`trades` trades are missing from the page's middle, and from then on for good."""
    BAD_ROW = "bad-row"
    """The page ends with one more row, whose price is `NaN`."""
    REFUSE_SYMBOL = "refuse-symbol"
    """WebSocket: the subscription is answered with `Currency pair not supported`."""
    DUPLICATE_FRAME = "duplicate-frame"
    """WebSocket: a frame of trades comes twice."""
    REORDER_FRAMES = "reorder-frames"
    """WebSocket: a frame of trades comes after the one that follows it."""
    LOST_FRAME = "lost-frame"
    """WebSocket: a frame of trades does not come."""
    HALF_FRAME = "half-frame"
    """WebSocket: the connection is cut in the middle of a frame."""
    CLOSE = "close"
    """WebSocket: the connection is closed with `code`; 1006 cuts it without a word."""
    SILENCE = "silence"
    """WebSocket: from now on nothing comes over the connection, and nothing is answered."""
    MAINTENANCE = "maintenance"
    """WebSocket: a maintenance of `seconds`, told of by status; its trades do not come."""


SPOILS_PAGE: Final = frozenset(
    {FaultKind.REPEAT, FaultKind.JUMP, FaultKind.HOLE, FaultKind.BAD_ROW}
)
"""Faults that need a page of trades, and fit only some pages."""

SPOILS_FRAME: Final = frozenset(
    {
        FaultKind.DUPLICATE_FRAME,
        FaultKind.REORDER_FRAMES,
        FaultKind.LOST_FRAME,
        FaultKind.HALF_FRAME,
        FaultKind.CLOSE,
        FaultKind.SILENCE,
        FaultKind.MAINTENANCE,
    }
)
"""Faults of the WebSocket, which strike at a frame of trades."""


class Fault(BaseModel):
    """One fault, and when it strikes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: FaultKind
    times: Annotated[int, Field(ge=1)] | Literal["always"] = 1
    """How many answers, or frames, it spoils."""
    after: Annotated[int, Field(ge=0)] = 0
    """How many answers, or frames, that it could have spoiled it lets pass first."""
    endpoint: Literal["Trades", "OHLC", "AssetPairs", "SystemStatus", "Time"] = "Trades"
    pair: str | None = None
    """Kraken's name of the only pair to spoil; every pair where None."""
    seconds: Annotated[float, Field(ge=0)] = 5.0
    """For `slow` and `maintenance`."""
    trades: Annotated[int, Field(ge=1)] = 1
    """For `repeat`, `jump` and `hole`."""
    message: str = "EGeneral:Internal error"
    """For `error`."""
    code: Annotated[int, Field(ge=1000, le=4999)] = 1001
    """For `close`."""


def parse_fault(text: str) -> Fault:
    """Reads a fault as a command line writes it: `jump:trades=5,after=2,times=always`.

    Raises:
        FaultInvalid: There is no such fault or setting.
    """
    kind, _, settings = text.partition(":")
    pairs = [setting.partition("=") for setting in settings.split(",") if setting]
    return read_fault({"kind": kind, **{name: value for name, _, value in pairs}})


def read_fault(settings: object) -> Fault:
    """Checks a fault's settings.

    Raises:
        FaultInvalid: There is no such fault or setting.
    """
    try:
        return Fault.model_validate(settings)
    except ValidationError as exc:
        reasons = "; ".join(
            f"{fault['loc'][0] if fault['loc'] else 'it'}: {fault['msg']}" for fault in exc.errors()
        )
        kinds = ", ".join(FaultKind)
        raise FaultInvalid(f"{settings} is no fault: {reasons}. Kinds: {kinds}") from exc


@dataclass(slots=True)
class ArmedFault:
    """A fault that waits for its turn.

    Attributes:
        fault: What it is.
        passed: How many answers it has let pass.
        fired: How many answers it has spoiled.
    """

    fault: Fault
    passed: int = 0
    fired: int = 0

    @property
    def spent(self) -> bool:
        """Whether it has struck as often as it was to."""
        return self.fault.times != "always" and self.fired >= self.fault.times

    def strikes(self) -> bool:
        """Counts one answer that it fits, and tells whether it spoils that one."""
        if self.spent:
            return False
        if self.passed < self.fault.after:
            self.passed += 1
            return False
        self.fired += 1
        return True
