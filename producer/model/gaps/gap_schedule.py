"""When to ask for missing trade ids, and from how long before them. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

from producer.model.gaps.hole import Hole
from producer.model.gaps.missing_ids import MissingIds
from producer.model.gaps.open_gap import OpenGap

__all__ = ["CONFIRMATION_SECONDS", "GAP_SCHEDULE", "GapSchedule"]

CONFIRMATION_SECONDS: Final = 900.0
"""Seconds from the first question to the last, unless the settings say otherwise."""
_PART_OF_ITS_AGE: Final = 10
_SECOND, _MINUTE, _HOUR, _DAY = 1.0, 60.0, 3600.0, 86400.0


@dataclass(frozen=True, slots=True)
class GapSchedule:
    """The questions about a gap before it counts as a hole, and those about a hole afterwards.

    Kraken's back ends may answer one call differently [ccxt#6742], answers may be cached for
    minutes [ccxt#5677], and the times of trades may disagree with the order of their ids
    [kelp#461]. So the questions cover a quarter of an hour, and begin at different times before
    the gap.

    Attributes:
        delays: Seconds from the detection of a gap to each question.
        again: Seconds from its confirmation to each further question.
        look_back: How many seconds before the gap each question begins, in turn.
        retry: The least seconds until a question is repeated that was not answered, or whose
            answer does not cover the gap; the longer a gap has been open, the longer.
        refresh: Seconds between two readings of what other programs have written about gaps.
    """

    delays: tuple[float, ...] = (_SECOND, 10.0, _MINUTE, 5 * _MINUTE, 1 + CONFIRMATION_SECONDS)
    again: tuple[float, ...] = (_HOUR, _DAY)
    look_back: tuple[float, ...] = (_SECOND, _MINUTE, _HOUR)
    retry: float = 15.0
    refresh: float = 60.0

    def scaled(self, confirmation_seconds: float) -> Self:
        """Return the schedule with all times scaled, except `look_back`."""
        factor = confirmation_seconds / CONFIRMATION_SECONDS
        return replace(
            self,
            delays=tuple(seconds * factor for seconds in self.delays),
            again=tuple(seconds * factor for seconds in self.again),
            retry=self.retry * factor,
            refresh=self.refresh * factor,
        )

    def first_ask(self, now: datetime) -> datetime:
        """Return when to ask for a gap that has just been found."""
        return now + timedelta(seconds=self.delays[0])

    def is_due(self, missing: MissingIds, now: datetime) -> bool:
        """Whether it is time to ask for these ids."""
        if missing.ask_at is not None:
            return missing.ask_at <= now
        return isinstance(missing, OpenGap) or (
            isinstance(missing, Hole) and missing.is_of_the_old_rule
        )

    def seconds_back(self, missing: MissingIds) -> float:
        """Return how many seconds before the gap the next question begins; it differs each time."""
        turn = missing.asked if isinstance(missing, OpenGap) else missing.asked + 1
        return self.look_back[turn % len(self.look_back)]

    def after_an_answer(self, missing: MissingIds, near: str, now: datetime) -> MissingIds:
        """Return the new state of a range that an answer covers but does not hold.

        That is the same range with its next question, or a hole.

        Args:
            missing: The range.
            near: The cursor at which the trade before it was found.
            now: The time.
        """
        update: dict[str, object] = {"near": missing.near or near, "asked": missing.asked + 1}
        if isinstance(missing, Hole):
            if missing.is_of_the_old_rule:
                return missing.model_copy(update={**update, "asked": len(self.again)})
            later = self._pause(missing.asked, self.again)
            return missing.model_copy(update={**update, "ask_at": _after(now, later)})
        pause = self._pause(missing.asked, self.delays)
        if pause is not None:
            return missing.model_copy(update={**update, "ask_at": _after(now, pause)})
        return Hole(
            exchange=missing.exchange,
            symbol=missing.symbol,
            first_trade_id=missing.first_trade_id,
            last_trade_id=missing.last_trade_id,
            near=missing.near or near,
            ask_at=_after(now, self.again[0]),
            confirmed_at=now,
        )

    def put_off(self, missing: MissingIds, now: datetime, *, lost: bool) -> MissingIds:
        """Return the range, to be asked for a little later, as no answer covers it.

        Args:
            missing: The range.
            now: The time.
            lost: Whether the question found no trade before it.
        """
        since = missing.confirmed_at if isinstance(missing, Hole) else now
        since = missing.found_at if isinstance(missing, OpenGap) else since
        wait = max(self.retry, min(_HOUR, (now - since).total_seconds() / _PART_OF_ITS_AGE))
        update: dict[str, object] = {"ask_at": _after(now, wait)}
        return missing.model_copy(update={**update, "near": ""} if lost else update)

    def _pause(self, asked: int, times: tuple[float, ...]) -> float | None:
        """Return the seconds from one answer to the next question; a restart shortens none."""
        return times[asked + 1] - times[asked] if asked + 1 < len(times) else None


GAP_SCHEDULE: Final = GapSchedule()
"""The schedule with its default times."""


def _after(now: datetime, seconds: float | None) -> datetime | None:
    return None if seconds is None else now + timedelta(seconds=seconds)
