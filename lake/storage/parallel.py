"""Several requests at once: a store answers each after a while, and many together as fast."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Final, TypeVar

__all__ = ["in_parallel"]

_AT_ONCE: Final = 16
_AHEAD: Final = 64
"""So many results are in memory at most."""

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def in_parallel(function: Callable[[_Item], _Result], items: Iterable[_Item]) -> Iterator[_Result]:
    """Yield what a function returns for each item, in their order.

    The function is called for some items ahead of those that were asked for.
    """
    left = iter(items)
    some = list(islice(left, _AHEAD))
    if len(some) == 1:
        yield function(some[0])
        return
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="store") as pool:
        while some:
            yield from pool.map(function, some)
            some = list(islice(left, _AHEAD))
