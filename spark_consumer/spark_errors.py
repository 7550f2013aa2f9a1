"""Converts Spark's errors to `SparkFailed`: one sentence instead of pages of stack trace."""

from collections.abc import Mapping
from typing import Final

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from lake.errors import StoreRefused
from lake.log.commit import OffsetRange
from spark_consumer.errors import SparkFailed

__all__ = ["SPARK_ERRORS", "as_spark_failed", "failed_again", "reason_of", "refusal_in"]

SPARK_ERRORS: Final = (PySparkException, Py4JJavaError)
"""The errors that Spark raises when it could not do what it was asked."""

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
        "A task's Python process was killed, most often for lack of memory: lower "
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
"""What to do, by words in Spark's message."""

_REFUSED: Final = f"{StoreRefused.__module__}.{StoreRefused.__qualname__}: "
"""How a task's Python begins the line about a refusal."""

_ONCE: Final = "Start again: what failed is then read record by record."


def reason_of(error: Exception) -> str:
    """Return the innermost reason that Spark gives, in one line."""
    text = str(error)
    lines = text.strip().splitlines() or [type(error).__name__]
    causes = [line.removeprefix(_CAUSE) for line in lines if line.startswith(_CAUSE)]
    reason = _raised_in_python(lines) or (causes[-1] if causes else _outermost(lines))
    return reason.rstrip(". ")


def refusal_in(error: Exception) -> StoreRefused | None:
    """Return the object store's refusal if that is what a task failed with."""
    reason = reason_of(error)
    if not reason.startswith(_REFUSED):
        return None
    return StoreRefused(f"{reason.removeprefix(_REFUSED)}.")


def as_spark_failed(error: Exception, again: str = "") -> SparkFailed:
    """Convert an error to the innermost reason that Spark gives, and what to do if that is known.

    Args:
        error: Spark's error.
        again: the text of `failed_again`, if the batch has failed at the same offsets before.
    """
    text = str(error)
    advice = next((advice for sign, advice in _ADVICE.items() if sign in text), "")
    first = f"Spark failed: {reason_of(error)}. Nothing was lost."
    return SparkFailed(" ".join(filter(None, (first, again, advice or ("" if again else _ONCE)))))


def failed_again(failures: int, offsets: Mapping[int, OffsetRange]) -> str:
    """Describe repeated failures of a batch; empty for the first failure.

    The second attempt reads record by record, so the cause is not a record that Spark cannot read.
    """
    if failures <= 1:
        return ""
    places = ", ".join(
        f"{covered.start} to {covered.end - 1} of partition {partition}"
        for partition, covered in sorted(offsets.items())
        if covered.start < covered.end
    )
    return (
        f"This was failure {failures} at the same offsets ({places}), read record by record too: "
        "starting again alone will not help. Mend what Spark names; MAX_OFFSETS_PER_TRIGGER=1000 "
        "makes the batch small enough to see which records it is about and needs least memory."
    )


def _outermost(lines: list[str]) -> str:
    """Return the line that says why the job was aborted, or the first line."""
    return next((line for line in lines if _ABORTED in line), lines[0])


def _raised_in_python(lines: list[str]) -> str | None:
    """Return what a task's Python raised: the first unindented line after its traceback."""
    starts = [at for at, line in enumerate(lines) if line.endswith(_TRACEBACK)]
    behind = lines[starts[-1] + 1 :] if starts else []
    return next((line for line in behind if line and not line[0].isspace()), None)
