"""Chooses the hours that may be retired: over for long enough, compacted, and proved."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from lake.id_ranges import IdRanges
from lake.layout import commit_of_path, hour_of_path, symbol_from_folder
from lake.log.commit import DataFile

__all__ = ["Choice", "LeftHour", "Reason", "Verified", "choose"]

_HOUR: Final = timedelta(hours=1)
_SECONDS: Final = 3600


class Reason(StrEnum):
    """Why an hour that is old enough is left in the lake."""

    SEVERAL_FILES = "several files"
    NEWEST = "newest hour of its pair"
    NOT_VERIFIED = "not verified"
    NOT_COMPLETE = "not known to be complete"

    @property
    def advice(self) -> str:
        """What to do about it, as a sentence."""
        return _ADVICE[self]


_ADVICE: Final = {
    Reason.SEVERAL_FILES: "Run `kraken-lake compact`, then `kraken-lake verify`.",
    Reason.NEWEST: "It can be retired once a later hour of the pair has landed.",
    Reason.NOT_VERIFIED: "Run `kraken-lake verify --against-kafka`; it has to find no problem.",
    Reason.NOT_COMPLETE: "Run `kraken-lake verify --against-kafka`: it names ids that are missing.",
}


@dataclass(frozen=True)
class LeftHour:
    """A pair's hour that is old enough and stays.

    Attributes:
        symbol: the canonical symbol: BTC/USD.
        hour: its start, UTC.
        reason: why it stays.
    """

    symbol: str
    hour: datetime
    reason: Reason


@dataclass(frozen=True)
class Verified:
    """What verifications have proved.

    Attributes:
        whole_at: the newest commit of the last verification that found no problem.
        complete: the hours that it found complete: numbers of hours since 1970, per symbol.
        is_proved: returns whether a file is still the one that a verification proved.
    """

    whole_at: int
    complete: Mapping[str, IdRanges]
    is_proved: Callable[[DataFile], bool]


@dataclass(frozen=True)
class Choice:
    """The hours that end before some time.

    Attributes:
        files: those that may be retired, as the one file of each pair and hour, oldest first. In an
            object store an hour may have several.
        left: the others, oldest first.
    """

    files: tuple[DataFile, ...]
    left: tuple[LeftHour, ...]


def choose(
    files: Iterable[DataFile],
    before: datetime,
    verified: Verified,
    is_live: Callable[[str], bool] | None = None,
) -> Choice:
    """Sort the hours that end by some time into those that may be retired and the others.

    Args:
        files: the files of the lake.
        before: hours that end by then are looked at, UTC.
        verified: what is proved.
        is_live: for a lake in an object store: returns whether a path is that of a live file, which
            is not compacted. On a file system an hour is compacted if it has one file.
    """
    hours: dict[str, dict[datetime, list[DataFile]]] = {}
    for file in files:
        inside = hours.setdefault(file.symbol, {})
        inside.setdefault(hour_of_path(file.path), []).append(file)
    chosen: list[DataFile] = []
    left: list[LeftHour] = []
    for folder, of_pair in hours.items():
        pair = _Pair(symbol_from_folder(folder), of_pair, verified, is_live)
        for hour in of_pair:
            if hour + _HOUR > before:
                continue
            reason = pair.reason_to_stay(hour)
            if reason is None:
                chosen += of_pair[hour]
            else:
                left.append(LeftHour(pair.symbol, hour, reason))
    return Choice(
        tuple(sorted(chosen, key=lambda file: (hour_of_path(file.path), file.symbol))),
        tuple(sorted(left, key=lambda one: (one.hour, one.symbol))),
    )


class _Pair:
    """The hours of one pair."""

    def __init__(
        self,
        symbol: str,
        hours: Mapping[datetime, list[DataFile]],
        verified: Verified,
        is_live: Callable[[str], bool] | None,
    ) -> None:
        self.symbol = symbol
        self._hours, self._verified, self._is_live = hours, verified, is_live
        self._complete = verified.complete.get(symbol, IdRanges())
        self._oldest, self._newest = min(hours), max(hours)

    def reason_to_stay(self, hour: datetime) -> Reason | None:
        files = self._hours[hour]
        is_live = self._is_live
        if len(files) > 1 if is_live is None else any(is_live(file.path) for file in files):
            return Reason.SEVERAL_FILES
        if hour == self._newest:
            return Reason.NEWEST
        if not all(self._is_verified(file) for file in files):
            return Reason.NOT_VERIFIED
        if not self._is_complete(hour):
            return Reason.NOT_COMPLETE
        return None

    def _is_verified(self, file: DataFile) -> bool:
        """Return whether a verification that found no problem covered this very file."""
        try:
            covered = commit_of_path(file.path) <= self._verified.whole_at
        except ValueError:
            return False
        return covered and self._verified.is_proved(file)

    def _is_complete(self, hour: datetime) -> bool:
        """Return whether no trade of the hour can still arrive, as far as was recorded.

        The hour in which recording began never counts as complete, since it lacks what was traded
        before. It is retired all the same: what has landed of it is proved.
        """
        number = int(hour.timestamp()) // _SECONDS
        if number in self._complete:
            return True
        first = next(iter(self._complete), None)
        return first is not None and hour == self._oldest and number < first[0]
