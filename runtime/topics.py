"""The names of the Kafka topics, all derived from one."""

from dataclasses import dataclass

__all__ = ["TopicNames"]


@dataclass(frozen=True)
class TopicNames:
    """The topics that belong together, named after the one that carries the trades.

    Attributes:
        trades: The topic of the trades themselves.
    """

    trades: str = "kraken.trades"

    @property
    def cursors(self) -> str:
        """The compacted topic of the producer's cursors: how far it has come with each pair."""
        return f"{self.trades}.cursors"

    @property
    def dead_letter(self) -> str:
        """The topic of rows that the exchange sent but that are not valid trades."""
        return f"{self.trades}.dead-letter"

    @property
    def holes(self) -> str:
        """The compacted topic of the trade ids that the exchange confirmed not to exist."""
        return f"{self.trades}.holes"

    @property
    def pairs(self) -> str:
        """The compacted topic of the pairs that cannot be recorded for now."""
        return f"{self.trades}.pairs"

    @property
    def gaps(self) -> str:
        """The compacted topic of the trade ids that are missing and still requested."""
        return f"{self.trades}.gaps"

    @property
    def markets(self) -> str:
        """The compacted topic of the symbols that each of the exchange's markets has had."""
        return f"{self.trades}.markets"

    @property
    def claims(self) -> str:
        """The compacted topic that says which producer records a pair."""
        return f"{self.trades}.claims"
