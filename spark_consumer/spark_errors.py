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
_ABORTED: Final = "Job aborted due to stage failure"

_ADVICE: Final = {
    "Python worker exited unexpectedly": (
        "A task's Python was ended from outside, most often for want of memory: lower "
        "MAX_OFFSETS_PER_TRIGGER or give the executors more."
    ),
    "ModuleNotFoundError": (
        "The executors' Python needs pyarrow and this project: name one that has both with "
        "PYSPARK_PYTHON."
    ),
    "No space left on device": "Free space below BASE_OUTPUT_PATH.",
}
"""What to do, by words that tell what went wrong."""


def told(error: Exception) -> SparkFailed:
    """The innermost reason that Spark gives, and what to do about it where that is known."""
    text = str(error)
    lines = text.strip().splitlines() or [type(error).__name__]
    causes = [line.removeprefix(_CAUSE) for line in lines if line.startswith(_CAUSE)]
    reason = _raised_in_python(lines) or (causes[-1] if causes else _outermost(lines))
    advice = next((advice for sign, advice in _ADVICE.items() if sign in text), "")
    sentences = (
        f"Spark failed: {reason.rstrip('. ')}.",
        advice,
        "Nothing was lost: start again, it is read anew.",
    )
    return SparkFailed(" ".join(filter(None, sentences)))


def _outermost(lines: list[str]) -> str:
    """Why the job was given up, or what stands first."""
    return next((line for line in lines if _ABORTED in line), lines[0])


def _raised_in_python(lines: list[str]) -> str | None:
    """What a task's Python raised: the first line behind its traceback that is not indented."""
    starts = [at for at, line in enumerate(lines) if line.endswith(_TRACEBACK)]
    behind = lines[starts[-1] + 1 :] if starts else []
    return next((line for line in behind if line and not line[0].isspace()), None)
