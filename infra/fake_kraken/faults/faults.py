"""A fault's settings, when it strikes, and how the command line writes it."""

import time
from dataclasses import dataclass, field
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from infra.fake_kraken.errors import FaultInvalid
from infra.fake_kraken.faults.kinds import FaultKind

__all__ = ["ArmedFault", "Fault", "FaultKind", "parse_fault", "read_fault"]


class Fault(BaseModel):
    """One fault, and when it strikes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: FaultKind
    times: Annotated[int, Field(ge=1)] | Literal["always"] = 1
    """How many answers, or frames, it spoils."""
    after: Annotated[int, Field(ge=0)] = 0
    """How many answers, or frames, it leaves unchanged first. For a fault of a book: how many
    coming trades stay as they are before the first that it changes."""
    every: Annotated[int, Field(ge=1)] = 1
    """It spoils every n-th answer that it could spoil: 2 for back ends that differ."""
    lasting: Annotated[float, Field(gt=0)] | None = None
    """For how many seconds it strikes, as often as it can unless `times` says otherwise."""
    endpoint: Literal["Trades", "OHLC", "AssetPairs", "SystemStatus", "Time"] = "Trades"
    pair: str | None = None
    """Kraken's name of the only pair to spoil; None for every pair."""
    seconds: Annotated[float, Field(ge=0)] = 5.0
    """For `slow`, `maintenance`, `withheld`, `stale` and `cached`."""
    trades: Annotated[int, Field(ge=1)] = 1
    """For `repeat`, `jump`, `hole`, `short-pages` and the faults of a book."""
    socket: Literal["all", "some", "none"] = "some"
    """For `withheld`."""
    first: Annotated[int, Field(ge=0)] = 1
    """For `new-book`."""
    pause: Annotated[float, Field(ge=0)] = 0.0
    """For `new-book`: seconds without a trade before it."""
    name: str = ""
    """For `renamed`: `LUNC/USD`."""
    until: Literal["subscribe", "connect"] = "subscribe"
    """For `dead-subscription`."""
    message: str = "EGeneral:Internal error"
    """For `error`."""
    code: Annotated[int, Field(ge=1000, le=4999)] = 1001
    """For `close`."""

    @model_validator(mode="before")
    @classmethod
    def _lasts(cls, settings: object) -> object:
        """Return Set `times` to always for a fault that lasts."""
        if isinstance(settings, dict) and settings.get("lasting") is not None:
            return {"times": "always"} | settings
        return settings

    @model_validator(mode="after")
    def _has_a_name(self) -> Self:
        if self.kind is FaultKind.RENAMED and "/" not in self.name:
            raise ValueError("renamed needs the new wsname, as name=LUNC/USD")
        return self


def parse_fault(text: str) -> Fault:
    """Read a fault as a command line writes it: `jump:trades=5,after=2,times=always`.

    Raises:
        FaultInvalid: There is no such fault or setting.
    """
    kind, _, settings = text.partition(":")
    pairs = [setting.partition("=") for setting in settings.split(",") if setting]
    return read_fault({"kind": kind, **{name: value for name, _, value in pairs}})


def read_fault(settings: object) -> Fault:
    """Check a fault's settings.

    Raises:
        FaultInvalid: There is no such fault or setting.
    """
    try:
        return Fault.model_validate(settings)
    except ValidationError as error:
        reasons = "; ".join(
            f"{fault['loc'][0] if fault['loc'] else 'it'}: {fault['msg']}"
            for fault in error.errors()
        )
        kinds = ", ".join(FaultKind)
        raise FaultInvalid(f"{settings} is not a fault: {reasons}. Kinds: {kinds}") from error


@dataclass(slots=True)
class ArmedFault:
    """A fault with the counts of its strikes.

    Attributes:
        fault: What it is.
        armed_at: When it was armed, seconds on the clock that `over` gets.
        passed: How many answers it has let pass.
        fitted: How many answers it could have spoiled after those.
        fired: How many answers it has spoiled.
        disarmed: Whether it was disarmed.
    """

    fault: Fault
    armed_at: float = field(default_factory=time.monotonic)
    passed: int = 0
    fitted: int = 0
    fired: int = 0
    disarmed: bool = False

    @property
    def spent(self) -> bool:
        """Whether it has struck as often as `times` says."""
        return self.fault.times != "always" and self.fired >= self.fault.times

    def over(self, now: float) -> bool:
        """Return whether it strikes no more: disarmed, spent, or its time has passed."""
        lasting = self.fault.lasting
        return (
            self.disarmed or self.spent or (lasting is not None and now > self.armed_at + lasting)
        )

    def strikes(self, now: float | None = None) -> bool:
        """Count an answer that it fits, and return whether it spoils that answer.

        Args:
            now: Seconds on the clock of `armed_at`; the current time by default.
        """
        if self.over(time.monotonic() if now is None else now):
            return False
        if self.passed < self.fault.after:
            self.passed += 1
            return False
        self.fitted += 1
        if self.fitted % self.fault.every:
            return False
        self.fired += 1
        return True
