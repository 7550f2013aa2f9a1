"""The files and trade ids of one pair, by hour, kept up to date commit by commit."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from lake.id_ranges import IdRanges, Run
from lake.layout import hour_of_path, symbol_from_folder
from lake.log.commit import DataFile

__all__ = ["HourFiles", "PairFiles"]


@dataclass(frozen=True)
class HourFiles:
    """The files of one pair and hour of event time.

    Attributes:
        hour: the hour's start, UTC.
        files: its files, by path.
    """

    hour: datetime
    files: dict[str, DataFile]

    @cached_property
    def rows(self) -> int:
        """Trades in it."""
        return sum(file.rows for file in self.files.values())

    @cached_property
    def bytes(self) -> int:
        """The size of its files."""
        return sum(file.bytes for file in self.files.values())

    @cached_property
    def ids(self) -> IdRanges:
        """The ids of its trades."""
        return IdRanges(run for file in self.files.values() for run in file.ids)

    @cached_property
    def first_id(self) -> int:
        """The lowest id."""
        return min(run[0] for file in self.files.values() for run in file.ids)

    @cached_property
    def last_id(self) -> int:
        """The highest id."""
        return max(run[1] for file in self.files.values() for run in file.ids)


@dataclass
class PairFiles:
    """The files of one pair.

    Attributes:
        folder: the pair's folder: BTC_USD.
        hours: its hours that have a file.
        landed: the ids of all its trades, retired ones included.
        retired: the ranges of ids that were retired, by hour.
    """

    folder: str
    hours: dict[datetime, HourFiles] = field(default_factory=dict)
    landed: IdRanges = field(default_factory=IdRanges)
    retired: dict[datetime, tuple[Run, ...]] = field(default_factory=dict)

    @property
    def symbol(self) -> str:
        """The canonical symbol: BTC/USD."""
        return symbol_from_folder(self.folder)

    @property
    def rows(self) -> int:
        """Trades of the pair."""
        return sum(hour.rows for hour in self.hours.values())

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The first hour and the last hour that have a file."""
        return min(self.hours), max(self.hours)

    @property
    def recorded_span(self) -> tuple[datetime, datetime]:
        """Its first hour and its last hour, retired ones included."""
        hours = {*self.hours, *self.retired}
        return min(hours), max(hours)

    def last_id(self) -> int:
        """Return the highest id that has landed; 0 if none has."""
        return max((last for _, last in self.landed), default=0)

    def newest_files(self, rows: int) -> list[DataFile]:
        """Return the files with the highest ids that together hold some number of rows."""
        found: list[DataFile] = []
        for hour in sorted(self.hours, reverse=True):
            inside = self.hours[hour].files.values()
            for file in sorted(inside, key=lambda one: one.ids[-1][1], reverse=True):
                found.append(file)
                rows -= file.rows
                if rows <= 0:
                    return found
        return found

    def add(self, file: DataFile) -> None:
        """Add a file that was committed."""
        hour = hour_of_path(file.path)
        before = self.hours.get(hour)
        files = {**before.files, file.path: file} if before else {file.path: file}
        self.hours[hour] = HourFiles(hour, files)
        for run in file.ids:
            self.landed.add(*run)

    def remove(self, file: DataFile) -> None:
        """Remove a file that left the lake; its trades are in another one, or retired."""
        hour = hour_of_path(file.path)
        if before := self.hours.pop(hour, None):
            files = {path: one for path, one in before.files.items() if path != file.path}
            if files:
                self.hours[hour] = HourFiles(hour, files)

    def retire(self, hour: datetime, ids: tuple[Run, ...]) -> None:
        """Note trades of an hour that were retired; a former retirement may have left some."""
        self.retired[hour] = (*self.retired.get(hour, ()), *ids)
        for run in ids:
            self.landed.add(*run)
