"""Whatever ends the stream, the user reads a sentence."""

import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from py4j.protocol import Py4JNetworkError
from pydantic import ValidationError
from pyspark.errors import PySparkRuntimeError

from lake.errors import LakeBusy
from runtime.settings import KafkaSettings
from spark_consumer.bootstrap import stop_on_signals
from spark_consumer.failures import FAILURES, sentence
from spark_consumer.session import stop_spark
from spark_consumer.settings import ConsumerSettings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (LakeBusy("another stream is at work"), "another stream is at work"),
        (Py4JNetworkError("Answer from Java side is empty"), "Spark's JVM ended"),
        (ConnectionRefusedError(111, "Connection refused"), "Spark's JVM ended"),
        (PySparkRuntimeError("Java gateway process exited"), "Spark failed: Java gateway"),
    ],
)
def test_a_failure_is_a_sentence(failure: Exception, message: str) -> None:
    """One line, and nothing of Java's."""
    assert isinstance(failure, FAILURES)
    assert sentence(failure).startswith(message)
    assert "\n" not in sentence(failure)


def test_a_setting_of_no_use_is_reported_without_its_value() -> None:
    """It may be a password that went into the wrong variable."""
    with pytest.raises(ValidationError) as refused:
        KafkaSettings(security_protocol="hunter2")  # type: ignore[arg-type]  # as a variable may
    message = sentence(refused.value)
    assert message.startswith("KAFKA_SECURITY_PROTOCOL: ")
    assert "hunter2" not in message


def test_levels_and_formats_are_taken_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the producer does, which reads the same `.env`."""
    monkeypatch.setenv("LOG_LEVEL", "INFO")
    monkeypatch.setenv("LOG_FORMAT", "JSON")
    settings = ConsumerSettings()
    assert (settings.log_level, settings.log_format) == ("info", "json")


def test_a_spark_that_has_ended_is_stopped() -> None:
    """Its own error says why it ended; that it cannot be reached any more says nothing."""

    def refuse() -> None:
        raise ConnectionRefusedError

    stop_spark(cast("SparkSession", SimpleNamespace(stop=refuse)))


def test_a_stream_in_another_thread_leaves_the_signals_alone() -> None:
    """Python refuses to have them handled there."""
    before = signal.getsignal(signal.SIGTERM)
    with ThreadPoolExecutor(1) as other:
        other.submit(stop_on_signals, threading.Event()).result()
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_ask_the_stream_to_end(number: signal.Signals) -> None:
    """Ctrl-C too, whatever handler Spark has put there before."""
    stopping, before = threading.Event(), {n: signal.getsignal(n) for n in (2, 15)}
    signal.signal(number, lambda *_: None)
    try:
        stop_on_signals(stopping)
        signal.raise_signal(number)
        assert stopping.is_set()
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
