"""Steps of a command: shown while they run, and timed."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

__all__ = ["Steps"]


class Steps:
    """Announces each step and measures how long it takes.

    Attributes:
        taken: Name and seconds of each finished step.
    """

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._total = total
        self.taken: list[tuple[str, float]] = []

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Show a step while it runs; a terminal gets a spinner, a log file a line."""
        label = f"[{len(self.taken) + 1}/{self._total}] {name}"
        started = time.monotonic()
        if not self._console.is_terminal:
            self._console.print(f"{label} …", highlight=False, markup=False)
        with self._console.status(f"{name} …"):
            yield
        seconds = time.monotonic() - started
        self.taken.append((name, seconds))
        if self._console.is_terminal:
            self._console.print(f"{label}  {seconds:.1f} s", highlight=False, markup=False)
