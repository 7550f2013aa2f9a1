"""What the stream reports of its work. By default nobody keeps it."""

from typing import Final

from lake.log.commit import Commit

__all__ = ["NO_METRICS", "StreamMetrics"]


class StreamMetrics:
    """Takes every report and keeps nothing: for a stream without METRICS_PORT.

    A batch is `began`, `staged`, then `landed`. One that fails on the way never lands, so it is not
    counted when it is read again.
    """

    def began(self) -> None:
        """Note that a batch begins."""

    def staged(self, task_seconds: float) -> None:
        """Note that a batch is staged, and how long Spark's tasks took."""

    def landed(self, commit: Commit) -> None:
        """Count a batch that has landed, and note when its newest trade was executed."""


NO_METRICS: Final = StreamMetrics()
