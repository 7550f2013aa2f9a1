"""Futures as Kafka's admin client gives them, decided beforehand."""

from concurrent.futures import Future
from typing import Any


def done(result: object) -> "Future[Any]":
    """A future that has come true, or not."""
    future: Future[Any] = Future()
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
    return future
