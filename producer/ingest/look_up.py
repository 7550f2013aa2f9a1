"""Ask a question in a pool, or, without one, in the caller's thread."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import TypeVar

__all__ = ["start_look_up"]

T = TypeVar("T")


def start_look_up(pool: Executor | None, ask: Callable[[], T]) -> Future[T]:
    """Return the answer as a future. Without a pool it is done: the caller's thread has waited.

    What `ask` raises, the future's `result` raises.
    """
    if pool is not None:
        return pool.submit(ask)
    asked: Future[T] = Future()
    try:
        asked.set_result(ask())
    except Exception as error:  # noqa: BLE001  the future's result raises it
        asked.set_exception(error)
    return asked
