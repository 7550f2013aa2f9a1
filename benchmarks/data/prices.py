"""What an object store charges, and what a stream's requests cost in a month.

The prices are those of Amazon S3 Standard in us-east-1, as published in 2025.
"""

from collections.abc import Mapping
from typing import Final

__all__ = ["dollars_a_month"]

_A_REQUEST: Final[Mapping[str, float]] = {
    "PUT": 0.005 / 1_000,
    "COPY": 0.005 / 1_000,
    "POST": 0.005 / 1_000,
    "LIST": 0.005 / 1_000,
    "GET": 0.0004 / 1_000,
    "HEAD": 0.0004 / 1_000,
    "DELETE": 0.0,
}
_SECONDS_A_MONTH: Final = 30 * 86_400


def dollars_a_month(requests_a_batch: Mapping[str, float], seconds: float) -> float:
    """Return what a stream's requests cost that runs a batch every so many seconds.

    Args:
        requests_a_batch: how many requests of each kind one batch makes.
        seconds: between the starts of two batches.
    """
    batch = sum(_A_REQUEST[kind] * count for kind, count in requests_a_batch.items())
    return batch * _SECONDS_A_MONTH / seconds
