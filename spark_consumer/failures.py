"""The errors that end a program of this package with a message instead of a traceback."""

from typing import Final

from py4j.protocol import Py4JError
from pydantic import ValidationError

from lake.errors import LakeError
from runtime.errors import BrokerError
from runtime.settings import validation_message
from schemas.errors import SchemasError
from spark_consumer.errors import ConsumerError
from spark_consumer.spark_errors import SPARK_ERRORS, as_spark_failed

__all__ = ["FAILURES", "sentence"]

_JVM_ENDED: Final = (Py4JError, ConnectionError)

FAILURES: Final = (
    *SPARK_ERRORS,
    *_JVM_ENDED,
    ConsumerError,
    LakeError,
    SchemasError,
    BrokerError,
    ValidationError,
)


def sentence(failure: Exception) -> str:
    """Say what happened, to what, and what to do next."""
    if isinstance(failure, SPARK_ERRORS):
        return str(as_spark_failed(failure))
    if isinstance(failure, _JVM_ENDED):
        return "Spark's JVM ended: killed, or out of memory. Nothing was lost. Start again."
    if isinstance(failure, ValidationError):
        return validation_message(failure)
    return str(failure)
