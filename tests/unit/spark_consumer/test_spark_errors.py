import pytest

from lake.log.commit import OffsetRange
from spark_consumer.spark_errors import as_spark_failed, failed_again

TRACE = """An error occurred while calling o1.parquet.
: org.apache.spark.SparkException: [TASK_WRITE_FAILED] Task failed while writing rows.
\tat org.apache.spark.sql.Something.java:1
Caused by: java.io.IOException: No space left on device
\tat java.base/java.io.FileOutputStream
"""

PYTHON_TRACE = """
  An exception was thrown from the Python worker. Please see the stack trace below.
Traceback (most recent call last):
  File "/opt/platform/spark_consumer/staging_task.py", line 6, in run
    write_sorted(inside, target, self.compression)
OSError: [Errno 28] Error writing bytes to file. Detail: No space left on device

\tat org.apache.spark.api.python.BasePythonRunner
"""

CRASHED = """An error occurred while calling o77.collectToPython.
: org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 in stage 1.0 failed
Caused by: org.apache.spark.SparkException: Python worker exited unexpectedly (crashed)
Caused by: java.io.EOFException
"""

LOST = """An error occurred while calling o77.collectToPython.
: org.apache.spark.SparkException: Job aborted due to stage failure: ExecutorLostFailure (executor 1
\tat org.apache.spark.scheduler.DAGScheduler
"""

MODULE = """
Traceback (most recent call last):
  File "worker.py", line 1, in main
ModuleNotFoundError: No module named 'pyarrow'
"""


def test_the_innermost_cause_is_reported() -> None:
    """Of a stack trace the user gets the line that says what to mend."""
    error = as_spark_failed(Exception(TRACE))
    assert str(error) == (
        "Spark failed: java.io.IOException: No space left on device. Nothing was lost. Free space "
        "below BASE_OUTPUT_PATH, then start again."
    )
    assert "\n" not in str(error)


def test_an_error_without_a_cause_tells_its_first_line() -> None:
    """As does one without any text tell its kind."""
    assert "wrong trigger" in str(as_spark_failed(ValueError("wrong trigger\nmore")))
    assert "ValueError" in str(as_spark_failed(ValueError()))


def test_what_a_tasks_python_raised_is_reported() -> None:
    """Spark hands its traceback on as text."""
    error = as_spark_failed(Exception(PYTHON_TRACE))
    assert "OSError: [Errno 28] Error writing bytes to file." in str(error)
    assert "\n" not in str(error)


def test_a_python_that_was_killed_is_reported_with_what_helps() -> None:
    """Java alone would say that a file ended."""
    assert "MAX_OFFSETS_PER_TRIGGER" in str(as_spark_failed(Exception(CRASHED)))


def test_an_executor_that_was_lost_is_reported() -> None:
    """Not merely the call that it happened in."""
    assert "ExecutorLostFailure (executor 1" in str(as_spark_failed(Exception(LOST)))


def test_executors_without_the_project_are_reported_with_what_they_lack() -> None:
    """Starting again would not help."""
    error = str(as_spark_failed(Exception(MODULE)))
    assert "No module named 'pyarrow'. Nothing was lost. The executors' Python needs" in error


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("java.lang.OutOfMemoryError: Java heap space", "--driver-memory"),
        ("org.apache.kafka.common.errors.TopicAuthorizationException: no", "Kafka refuses"),
        ("org.apache.kafka.common.errors.TimeoutException: no", "Kafka did not answer"),
        ("java.lang.ArithmeticException: long overflow", "read record by record"),
    ],
)
def test_the_advice_is_by_kind_of_failure(text: str, advice: str) -> None:
    """Only what is not known may be mended by starting again, and it says how."""
    assert advice in str(as_spark_failed(Exception(text)))


def test_a_failure_at_the_same_offsets_says_that_starting_again_will_not_help() -> None:
    """With the offsets and the way out; the first time it says nothing of the kind."""
    offsets = {0: OffsetRange(start=5, end=9), 1: OffsetRange(start=3, end=3)}
    assert not failed_again(1, offsets)
    error = str(as_spark_failed(Exception("odd"), failed_again(3, offsets)))
    assert "failure 3 at the same offsets (5 to 8 of partition 0)" in error
    assert "starting again alone will not help" in error
    assert "Start again:" not in error
