"""The topic that a lake is filled from, as it stands now, beside how far the lake has come."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from lake.log.commit import Source

__all__ = ["SourceState"]


class SourceState(BaseModel):
    """A topic as the broker tells of it.

    Attributes:
        source: its identity.
        earliest: the first offset still held, per partition.
        latest: the offset after the last record that can be read committed, per partition.
        high_watermark: the offset after the last record, per partition; further than `latest`
            where a transaction is open. Empty where it was not asked for.
    """

    model_config = ConfigDict(frozen=True)

    source: Source
    earliest: Mapping[int, int]
    latest: Mapping[int, int]
    high_watermark: Mapping[int, int] = {}

    def lag(self, position: Mapping[int, int]) -> int:
        """Offsets beyond a position; the control records of transactions are counted among them."""
        return sum(end - position.get(partition, 0) for partition, end in self.latest.items())

    def held_back(self) -> dict[int, tuple[int, int]]:
        """Partitions in which records wait behind an open transaction.

        The first offset that waits, and the one behind the last, per partition. The control
        records of transactions are among them.
        """
        return {
            partition: (stable, end)
            for partition, end in self.high_watermark.items()
            if (stable := self.latest.get(partition, end)) < end
        }

    def shortfall(self, position: Mapping[int, int]) -> dict[int, tuple[int, int]]:
        """Partitions that end before a position: the position and the end, per partition.

        A topic only grows: this is another one, or another cluster's.
        """
        return {
            partition: (at, self.latest.get(partition, 0))
            for partition, at in position.items()
            if self.latest.get(partition, 0) < at
        }

    def deleted(self, position: Mapping[int, int]) -> dict[int, tuple[int, int]]:
        """The first and last offset beyond a position that are no longer held, per partition."""
        return {
            partition: (position.get(partition, 0), first - 1)
            for partition, first in self.earliest.items()
            if first > position.get(partition, 0)
        }
