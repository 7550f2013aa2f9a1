"""Readers of a lake in an object store, while its programs are killed: each notes what is amiss."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from lake.errors import SnapshotGone
from lake.layout import LakeLayout
from lake.log.snapshot import files
from lake.storage.object_path import LakePath, ObjectPath, lake_path
from tests.chaos.onlooker import Onlooker

__all__ = ["ListingReader", "Reader", "SnapshotReader", "ids_of"]


def ids_of(path: LakePath) -> list[int]:
    """The trade ids in an object."""
    ids: list[int] = (
        pq.read_table(pa.BufferReader(path.read_bytes())).column("trade_id").to_pylist()
    )
    return ids


class Reader(Onlooker):
    """Reads repeatedly until it is ended.

    Attributes:
        most: the most trades that a read has shown.
    """

    def __init__(self, layout: LakeLayout, every: float) -> None:
        super().__init__(every)
        self._layout = layout
        self._known: dict[str, list[int]] = {}
        self.most = 0

    def end(self) -> None:
        """Stop reading, after a last look."""
        super().end()
        self.look()

    def look(self) -> None:
        """Read once."""
        found = Counter(trade_id for path in self.files() for trade_id in self._ids(path))
        self.reads += 1
        doubled = sorted(trade_id for trade_id, times in found.items() if times > 1)
        if doubled:
            self.amiss.append(f"{type(self).__name__}: {len(doubled)} twice, first {doubled[0]}")
        if len(found) < self.most:
            self.amiss.append(f"{type(self).__name__}: {self.most - len(found)} vanished")
        self.most = max(self.most, len(found))

    @abstractmethod
    def files(self) -> Iterator[LakePath]:
        """The files that this reader reads."""

    def _ids(self, path: LakePath) -> list[int]:
        # Objects are never changed, so that each is read once.
        if str(path) not in self._known:
            self._known[str(path)] = ids_of(path)
        return self._known[str(path)]


class ListingReader(Reader):
    """Lists `KRAKEN/`, as any program does that knows no commit log; sees hours that are closed."""

    _tags: dict[str, str]

    def files(self) -> Iterator[LakePath]:
        """Every object below, none of which may ever change or go."""
        trades = self._layout.trades
        assert isinstance(trades, ObjectPath)
        listed = {found.key: found.tag for found in trades.stored()}
        before = getattr(self, "_tags", {})
        self.amiss += [
            f"{key} has changed or gone" for key, tag in before.items() if listed.get(key) != tag
        ]
        self._tags = listed
        return iter([trades.top / key for key in listed])


class SnapshotReader(Reader):
    """Reads what `lake.files` names, open hours included: exact at any moment.

    Attributes:
        repeated: how often a file was gone since a commit had replaced it: maintenance runs here
            one after another, and each removes what the one before has replaced.
    """

    repeated = 0

    def look(self) -> None:
        """Read once; begin again if a file has been replaced meanwhile."""
        while True:
            listed = self.listed()
            try:
                self.fetch(listed)
                break
            except FileNotFoundError as error:
                self.repeated += 1
                if str(error.filename) in self.listed():
                    self.amiss.append(f"a file of the newest commit is not there: {error}")
                    return
        super().look()

    def listed(self) -> list[str]:
        """The addresses of the lake's files now."""
        while True:
            try:
                self._now = files(self._layout)
            except SnapshotGone:
                self.repeated += 1
            else:
                return self._now

    def fetch(self, listed: list[str]) -> None:
        """Read what is new."""
        for address in listed:
            self._ids(lake_path(address))

    def files(self) -> Iterator[LakePath]:
        """What has just been fetched."""
        return map(lake_path, self._now)
