"""Spark's errors as errors of ours: one sentence instead of pages of stack trace."""

from collections.abc import Mapping
from typing import Final

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from lake.log.commit import OffsetRange
from spark_consumer.errors import SparkFailed

__all__ = ["SPARK_ERRORS", "as_spark_failed", "failed_again", "reason_of"]

SPARK_ERRORS: Final = (PySparkException, Py4JJavaError)
"""What Spark raises where it could not do what it was asked."""

_CAUSE: Final = "Caused by: "
_TRACEBACK: Final = "Traceback (most recent call last):"
_ABORTED: Final = "Job aborted due to stage failure"

_KAFKA_SILENT: Final = "Kafka did not answer: see that it runs, then start again."
_KAFKA_REFUSES: Final = (
    "Kafka refuses: mend the KAFKA_ settings or the user's rights, then start again."
)
_NO_SPACE: Final = "Free space below BASE_OUTPUT_PATH, then start again."
_MEMORY: Final = "Give Spark more memory (spark-submit --driver-memory 2g), then start again."

_ADVICE: Final = {
    "Python worker exited unexpectedly": (
        "A task's Python was ended from outside, most often for want of memory: lower "
        "MAX_OFFSETS_PER_TRIGGER or give the executors more, then start again."
    ),
    "ModuleNotFoundError": (
        "The executors' Python needs pyarrow and this project: name one that has both with "
        "PYSPARK_PYTHON, then start again."
    ),
    "No space left on device": _NO_SPACE,
    "Disk quota exceeded": _NO_SPACE,
    "Permission denied": "Mend the permissions below BASE_OUTPUT_PATH, then start again.",
    "OutOfMemoryError": _MEMORY,
    "GC overhead limit": _MEMORY,
    "AuthorizationException": _KAFKA_REFUSES,
    "AuthenticationException": _KAFKA_REFUSES,
    "org.apache.kafka.common.errors.TimeoutException": _KAFKA_SILENT,
    "Failed to construct kafka consumer": _KAFKA_REFUSES,
    "ExecutorLostFailure": (
        "An executor was lost: its worker's log says why. Start again once there is another."
    ),
}
"""What to do, by words that tell what went wrong."""

_ONCE: Final = "Start again: what failed is then read record by record."


def reason_of(error: Exception) -> str:
    """The innermost reason that Spark gives, in one line."""
    text = str(error)
    lines = text.strip().splitlines() or [type(error).__name__]
    causes = [line.removeprefix(_CAUSE) for line in lines if line.startswith(_CAUSE)]
    reason = _raised_in_python(lines) or (causes[-1] if causes else _outermost(lines))
    return reason.rstrip(". ")


def as_spark_failed(error: Exception, again: str = "") -> SparkFailed:
    """The innermost reason that Spark gives, and what to do about it where that is known.

    Args:
        error: Spark's.
        again: what `failed_again` says, where it has failed at the same offsets before.
    """
    text = str(error)
    advice = next((advice for sign, advice in _ADVICE.items() if sign in text), "")
    first = f"Spark failed: {reason_of(error)}. Nothing was lost."
    return SparkFailed(" ".join(filter(None, (first, again, advice or ("" if again else _ONCE)))))


def failed_again(failures: int, offsets: Mapping[int, OffsetRange]) -> str:
    """What to know where a batch has failed over and over; empty for the first time.

    The second time it was read record by record, so it is not a record that Spark cannot read.
    """
    if failures <= 1:
        return ""
    places = ", ".join(
        f"{span.start} to {span.end - 1} of partition {partition}"
        for partition, span in sorted(offsets.items())
        if span.start < span.end
    )
    return (
        f"This was failure {failures} at the same offsets ({places}), read record by record too: "
        "starting again alone will not help. Mend what Spark names; MAX_OFFSETS_PER_TRIGGER=1000 "
        "makes the batch small enough to see which records it is about and needs least memory."
    )


def _outermost(lines: list[str]) -> str:
    """Why the job was given up, or what stands first."""
    return next((line for line in lines if _ABORTED in line), lines[0])


def _raised_in_python(lines: list[str]) -> str | None:
    """What a task's Python raised: the first line behind its traceback that is not indented."""
    starts = [at for at, line in enumerate(lines) if line.endswith(_TRACEBACK)]
    behind = lines[starts[-1] + 1 :] if starts else []
    return next((line for line in behind if line and not line[0].isspace()), None)
