"""Spark's errors as errors of ours: one sentence instead of pages of stack trace."""

from typing import Final

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from spark_consumer.errors import SparkFailed

__all__ = ["SPARK_ERRORS", "told"]

SPARK_ERRORS: Final = (PySparkException, Py4JJavaError)
"""What Spark raises where it could not do what it was asked."""

_CAUSE: Final = "Caused by: "
_TRACEBACK: Final = "Traceback (most recent call last):"


def told(error: Exception) -> SparkFailed:
    """The innermost reason that Spark gives."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    causes = [line.removeprefix(_CAUSE) for line in lines if line.startswith(_CAUSE)]
    reason = _raised_in_python(lines) or (causes[-1] if causes else lines[0])
    return SparkFailed(f"Spark failed: {reason} Nothing was lost: start again, it is read anew.")


def _raised_in_python(lines: list[str]) -> str | None:
    """What a task's Python raised: the first line behind its traceback that is not indented."""
    starts = [at for at, line in enumerate(lines) if line.endswith(_TRACEBACK)]
    behind = lines[starts[-1] + 1 :] if starts else []
    return next((line for line in behind if line and not line[0].isspace()), None)
