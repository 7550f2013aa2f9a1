"""How complete each hour of a pair is, and the command that mends it."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from console.lake_view.pair_files import PairFiles
from lake.id_ranges import IdRanges, Run
from lake.verify.missing_id_reasons import KnownIds
from lake.verify.verified_record import VerifiedRecord

__all__ = ["NOT_LANDED", "HourCell", "State", "hour_cells", "missing_count", "verified_up_to"]

NOT_LANDED: Final = "No trade has landed yet."
"""The text of an hour after the pair's newest one."""

_HOUR: Final = timedelta(hours=1)
_FIRST_ID: Final = 1


class State(StrEnum):
    """What is known of one hour."""

    VERIFIED = "verified"
    WHOLE = "whole"
    ARRIVING = "arriving"
    CONFIRMED = "confirmed"
    PARTLY = "partly"
    RETIRED = "retired"
    NOTHING = "nothing"


@dataclass(frozen=True)
class HourCell:
    """One hour of one pair.

    Attributes:
        hour: its start, UTC.
        state: what is known of it.
        text: that as a sentence.
        command: the command that mends or proves it; empty if there is nothing to do.
        trades: trades that are in the lake, or were until the hour was retired.
        files: how many files hold them.
        bytes: the size of these files.
        first_id, last_id: their lowest and highest id; None without a trade.
        missing: ids that may be missing in this hour.
        confirmed: ids that the exchange itself does not have, or sent as rows that are no trades.
        lacking: the ranges of the ids that may be missing.
    """

    hour: datetime
    state: State
    text: str
    command: str = ""
    trades: int = 0
    files: int = 0
    bytes: int = 0
    first_id: int | None = None
    last_id: int | None = None
    missing: int = 0
    confirmed: int = 0
    lacking: tuple[Run, ...] = ()


def missing_count(pair: PairFiles, known: KnownIds) -> int:
    """Count the ids between a pair's first and last that are neither landed nor explained."""
    return len(IdRanges(pair.landed.gaps()).without(_explained(pair.folder, known)))


def verified_up_to(pair: PairFiles, record: VerifiedRecord) -> datetime | None:
    """Return the end of the newest hour that a verification found complete; None without one."""
    ends = [last + 1 for _, last in record.complete.get(pair.symbol, ())]
    epoch = datetime.fromtimestamp(0, min(pair.hours).tzinfo) if pair.hours else None
    return epoch + timedelta(hours=max(ends)) if ends and epoch else None


def hour_cells(
    pair: PairFiles,
    hours: Iterable[datetime],
    *,
    known: KnownIds,
    record: VerifiedRecord,
    now: datetime,
) -> list[HourCell]:
    """Describe some hours of a pair.

    Args:
        pair: the pair's files.
        hours: the hours to describe.
        known: why ids are missing, as far as the producer knows.
        record: what verifications have proved.
        now: the time now, UTC.
    """
    wanted = list(hours)
    explained = _explained(pair.folder, known)
    asked = IdRanges(gap.run for gap in known.open_gaps.get(pair.folder, ()))
    gaps = _gaps_by_hour(pair, wanted)
    judge = _Judge(pair, explained, asked, record, now)
    return [judge.cell(hour, gaps.get(hour, ())) for hour in wanted]


def _explained(folder: str, known: KnownIds) -> IdRanges:
    return IdRanges([*known.holes.get(folder, ()), *known.dead_letters.get(folder, ())])


def _gaps_by_hour(pair: PairFiles, wanted: Sequence[datetime]) -> Mapping[datetime, Sequence[Run]]:
    """Return the gaps that touch each hour: of ids beside or within those of the hour."""
    found: dict[datetime, list[Run]] = defaultdict(list)
    gaps = pair.landed.gaps()
    if not gaps:
        return found
    runs = sorted(
        [
            *((run[0], hour) for hour, inside in pair.hours.items() for run in inside.ids),
            *((run[0], hour) for hour, inside in pair.retired.items() for run in inside),
        ]
    )
    firsts = [first for first, _ in runs]
    for gap in gaps:
        at = bisect_right(firsts, gap[0] - 1) - 1
        before, after = runs[at][1], runs[at + 1][1]
        low, high = min(before, after), max(before, after)
        for hour in wanted:
            if low <= hour <= high:
                found[hour].append(gap)
    return found


class _Judge:
    """Decides the state of each hour of one pair."""

    def __init__(
        self,
        pair: PairFiles,
        explained: IdRanges,
        asked: IdRanges,
        record: VerifiedRecord,
        now: datetime,
    ) -> None:
        self._pair, self._explained, self._asked, self._now = pair, explained, asked, now
        self._first, self._last = pair.recorded_span
        self._first_id = next(iter(pair.landed))[0]
        self._verified = IdRanges(record.against_kraken.get(pair.symbol, ()))
        self._complete = IdRanges(record.complete.get(pair.symbol, ()))

    def cell(self, hour: datetime, gaps: Sequence[Run]) -> HourCell:
        ids = IdRanges(gaps)
        left = ids.without(self._explained)
        confirmed = len(ids) - len(left)
        state, text, command = self._judged(hour, left, confirmed)
        cell = HourCell(
            hour,
            state,
            text,
            command,
            missing=len(left),
            confirmed=confirmed,
            lacking=tuple(left),
        )
        if (inside := self._pair.hours.get(hour)) is not None:
            return replace(
                cell,
                trades=inside.rows,
                files=len(inside.files),
                bytes=inside.bytes,
                first_id=inside.first_id,
                last_id=inside.last_id,
            )
        if gone := list(IdRanges(self._pair.retired.get(hour, ()))):
            trades = len(IdRanges(gone))
            return replace(cell, trades=trades, first_id=gone[0][0], last_id=gone[-1][1])
        return cell

    def _judged(self, hour: datetime, left: IdRanges, confirmed: int) -> tuple[State, str, str]:
        if left:
            return self._lacking(hour, left)
        if hour not in self._pair.hours and (hour in self._pair.retired or not confirmed):
            return self._without_file(hour)
        if confirmed:
            text = f"Kraken itself does not have {confirmed} ids in or beside this hour."
            return State.CONFIRMED, text, "kraken-lake holes"
        if hour == self._first and self._first_id != _FIRST_ID:
            text = f"Recording began in this hour, with trade {self._first_id}."
            return State.PARTLY, text, self._backfill(hour)
        if hour == self._last:
            return State.ARRIVING, "The newest hour: trades may still land.", ""
        return self._whole(hour)

    def _whole(self, hour: datetime) -> tuple[State, str, str]:
        number = int(hour.timestamp()) // 3600
        if number in self._verified:
            text = "Every id is there, and every minute agrees with Kraken's candles."
            return State.VERIFIED, text, ""
        recent = self._now - hour < 11 * _HOUR
        prove = "kraken-lake verify --against-kraken" if recent else "kraken-lake verify"
        if number in self._complete:
            text = "Every id is there, as a verification found; not compared with Kraken."
            return State.WHOLE, text, prove if recent else ""
        return State.WHOLE, "Every id is there by the commit log; not verified yet.", prove

    def _lacking(self, hour: datetime, left: IdRanges) -> tuple[State, str, str]:
        named = ", ".join(_named(left))
        if len(left.within(self._asked)) == len(left):
            text = f"Missing {named}; Kraken is being asked for them while the producer runs."
            return State.PARTLY, text, "kraken-lake gaps"
        return State.PARTLY, f"Missing {named}.", self._backfill(hour)

    def _without_file(self, hour: datetime) -> tuple[State, str, str]:
        if hour not in self._pair.retired:
            return State.NOTHING, self._nothing(hour), ""
        text = (
            "Its trades were verified, then removed by kraken-lake retire; their proof is kept. A "
            "backfill does not bring them back to this lake."
        )
        return State.RETIRED, text, "kraken-lake report --retired"

    def _nothing(self, hour: datetime) -> str:
        if hour > self._last:
            return NOT_LANDED
        if hour < self._first:
            return "Before the first recorded trade."
        return "No trade: the ids before and after this hour follow each other."

    def _backfill(self, hour: datetime) -> str:
        end = hour + _HOUR
        return (
            f"kraken-lake backfill --pair '{self._pair.symbol}' "
            f"--from {hour:%Y-%m-%dT%H:%M:%SZ} --to {end:%Y-%m-%dT%H:%M:%SZ}"
        )


def _named(ids: IdRanges) -> Iterator[str]:
    """Yield the first ranges in words; the others are counted."""
    runs = list(ids)
    for first, last in runs[:3]:
        yield f"id {first}" if first == last else f"ids {first} to {last}"
    if len(runs) > 3:  # noqa: PLR2004 - as many as are named
        yield f"and {len(runs) - 3} more ranges"
