"""`python -m producer`, killed by its own hand at a call to Kafka that the environment names.

DIE_AT=commit_transaction DIE_WHEN=after DIE_ON_CALL=2 kills it, as kill -9 does, right after the
second commit has been acknowledged and before it knows.
"""

import os
import signal
from collections.abc import Callable
from typing import Any

import confluent_kafka

from producer.__main__ import app
from producer.kafka import client as connection

CALL, WHEN, ON_CALL = os.environ["DIE_AT"], os.environ["DIE_WHEN"], int(os.environ["DIE_ON_CALL"])


class DyingProducer(confluent_kafka.Producer):
    """A producer that takes the process with it."""

    made = 0


def deadly(call: Callable[..., Any]) -> Callable[..., Any]:
    """The call, with the process killed before or after it."""

    def called(producer: DyingProducer, *args: Any, **kwargs: Any) -> Any:
        DyingProducer.made += 1
        last = DyingProducer.made == ON_CALL
        if last and WHEN == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = call(producer, *args, **kwargs)
        if last and WHEN == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return called


setattr(DyingProducer, CALL, deadly(getattr(confluent_kafka.Producer, CALL)))
connection.Producer = DyingProducer  # type: ignore[misc]  # the seam is the name it is known by
app()
