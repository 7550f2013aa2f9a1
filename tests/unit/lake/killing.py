"""A process that ends at a call of a function, within the test's own process."""

import importlib
from typing import Any

import pytest

__all__ = ["Killed", "kill_at"]


class Killed(BaseException):
    """Stands for the process ending at this very instruction: nothing in it can go on."""


def kill_at(patch: pytest.MonkeyPatch, point: str) -> None:
    """End at the nth call of a function: `module.function:2` before it, `:2:after` after it."""
    name, nth, *after = point.split(":")
    module_name, _, function = name.rpartition(".")
    module = importlib.import_module(module_name)
    real: Any = getattr(module, function)
    calls = 0

    def deadly(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == int(nth) and not after:
            raise Killed
        result = real(*args, **kwargs)
        if calls == int(nth):
            raise Killed
        return result

    patch.setattr(module, function, deadly)
