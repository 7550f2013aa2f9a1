"""`python -m producer`, which sleeps once before a commit, until Kafka has ended the transaction.

The broker looks for transactions that are too old every ten seconds.
"""

import time
from typing import Any

import confluent_kafka
import structlog

from producer.__main__ import app
from producer.kafka import client as connection

SLEEPS_BEFORE_COMMIT = 4
SECONDS = 13.0


class SleepingProducer(confluent_kafka.Producer):
    """A producer that is slow once."""

    made = 0

    def commit_transaction(self, *args: Any) -> None:
        """Commits, late."""
        SleepingProducer.made += 1
        if SleepingProducer.made == SLEEPS_BEFORE_COMMIT:
            time.sleep(SECONDS)
            structlog.get_logger().info("waking")
        super().commit_transaction(*args)


connection.Producer = SleepingProducer  # type: ignore[misc]  # the seam is the name it is known by
app()
