"""The output of `python -m infra.jars` while it works."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from stamina.instrumentation import RetryDetails

from infra.jars.installation import Installation

__all__ = ["Report", "megabytes"]

_REDRAW_SECONDS = 0.2


def megabytes(size: int) -> str:
    """Return `43.1 MB` for 43121000."""
    return f"{size / 1e6:.1f} MB"


class Report:
    """Shows progress bars on a terminal, and a line per group in any case."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def starting(self, installations: Sequence[Installation]) -> None:
        """Print what will be fetched."""
        parts = [f"{one.group.name} ({_contents(one)})" for one in installations]
        self._console.print(f"Fetching Java archives with Ivy: {', '.join(parts)}", soft_wrap=True)

    def retrying(self, details: RetryDetails) -> None:
        """Print a failure that will be retried; a hook for stamina."""
        reason = str(details.caused_by).splitlines()[0]
        self._console.print(f"  {reason}; again in {details.wait_for:.1f} s", soft_wrap=True)

    def done(self, one: Installation, seconds: float) -> None:
        """Print that a group is installed."""
        self._console.print(
            f"  {one.group.name:<9} {_contents(one)} in {seconds:.1f} s -> {one.target}",
            soft_wrap=True,
        )

    @contextmanager
    def progress(self, installations: Sequence[Installation]) -> Iterator[None]:
        """Show how much of each group has arrived, measured by the size of its cache folder."""
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
        bars = Progress(*columns, TransferSpeedColumn(), console=self._console, transient=True)
        if not self._console.is_terminal:
            yield
            return
        tasks = {bars.add_task(one.group.name, total=one.size): one for one in installations}
        over = threading.Event()

        def redraw() -> None:
            while not over.wait(_REDRAW_SECONDS):
                for task, one in tasks.items():
                    bars.update(task, completed=_arrived(one.cache / "artifacts"))

        with bars:
            drawing = threading.Thread(target=redraw)
            drawing.start()
            try:
                yield
            finally:
                over.set()
                drawing.join()


def _contents(one: Installation) -> str:
    number = len(one.artifacts)
    return f"{number} archive{'s' if number > 1 else ''}, {megabytes(one.size)}"


def _arrived(folder: Path) -> int:
    """Return the bytes below `folder`. Skip files that Ivy renames meanwhile."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total
