"""The offsets of the topic that a lake is filled from, to compare with the lake's position."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from lake.log.commit import Source

__all__ = ["SourceState"]


class SourceState(BaseModel):
    """The offsets of a topic as the broker reports them.

    Attributes:
        source: its identity.
        earliest: the first offset still held, per partition.
        latest: the last stable offset, per partition: all before it can be read committed.
        high_watermark: the offset after the last record, per partition; it is beyond `latest`
            while a transaction is open. Empty if the broker was not asked for it.
    """

    model_config = ConfigDict(frozen=True)

    source: Source
    earliest: Mapping[int, int]
    latest: Mapping[int, int]
    high_watermark: Mapping[int, int] = {}

    def lag(self, position: Mapping[int, int]) -> int:
        """Count the offsets beyond a position, including the control records of transactions."""
        return sum(end - position.get(partition, 0) for partition, end in self.latest.items())

    def held_back(self) -> dict[int, tuple[int, int]]:
        """Return the partitions in which records wait behind an open transaction.

        The value is the first offset that waits and the one after the last. Control records of
        transactions are among them.
        """
        return {
            partition: (stable, end)
            for partition, end in self.high_watermark.items()
            if (stable := self.latest.get(partition, end)) < end
        }

    def shortfall(self, position: Mapping[int, int]) -> dict[int, tuple[int, int]]:
        """Return the partitions that end before a position: the position and the end of each.

        A topic only grows, so such a topic is another one, or another cluster's.
        """
        return {
            partition: (at, self.latest.get(partition, 0))
            for partition, at in position.items()
            if self.latest.get(partition, 0) < at
        }

    def deleted(self, position: Mapping[int, int]) -> dict[int, tuple[int, int]]:
        """Return the first and last offset after a position that are deleted, per partition."""
        return {
            partition: (position.get(partition, 0), first - 1)
            for partition, first in self.earliest.items()
            if first > position.get(partition, 0)
        }
