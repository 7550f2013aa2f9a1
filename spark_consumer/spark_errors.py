"""Spark's errors as errors of ours: one sentence instead of pages of stack trace."""

from typing import Final

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from spark_consumer.errors import SparkFailed

__all__ = ["SPARK_ERRORS", "told"]

SPARK_ERRORS: Final = (PySparkException, Py4JJavaError)
"""What Spark raises where it could not do what it was asked."""

_CAUSE: Final = "Caused by: "


def told(error: Exception) -> SparkFailed:
    """The innermost reason that Spark gives."""
    lines = str(error).splitlines() or [type(error).__name__]
    causes = [line.removeprefix(_CAUSE) for line in lines if line.startswith(_CAUSE)]
    reason = causes[-1] if causes else lines[0]
    return SparkFailed(f"Spark failed: {reason} Nothing was lost: start again, it is read anew.")
