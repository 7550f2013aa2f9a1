"""Stores when the synthetic trades of `make run KRAKEN=replay` happened, for the next run.

The next run continues their ids, and its cursors stay valid, as at Kraken. It still serves what the
producer had not fetched when a run ended.
"""

from pathlib import Path
from time import time_ns

from pydantic import BaseModel

from infra.fake_kraken.market.synthetic import Stretch
from lake.storage.local_files import replace

__all__ = ["TapeState"]


class _Record(BaseModel):
    """The file's content.

    Attributes:
        stretches: One for each run.
        stopped: When the last run ended, unix nanoseconds. None while it runs, and if it was
            killed: then its trades continue.
    """

    stretches: list[Stretch]
    stopped: int | None = None


class TapeState:
    """The file that stores the stretches.

    Args:
        file: Its path; it need not exist.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stretches: list[Stretch] = []

    def begin(self, rate: float) -> tuple[Stretch, ...]:
        """Begin a stretch for this run; return it after those of all earlier runs.

        Args:
            rate: Trades a second of this run.
        """
        now = time_ns()
        try:
            before = _Record.model_validate_json(self._file.read_bytes())
        except FileNotFoundError:
            self._stretches = [Stretch.beginning(now, rate)]
        else:
            last = before.stretches[-1]
            self._stretches = [*before.stretches, last.followed(before.stopped or now, now, rate)]
        self._save(None)
        return tuple(self._stretches)

    def end(self) -> None:
        """Store that trades stop now."""
        self._save(time_ns())

    def _save(self, stopped: int | None) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        record = _Record(stretches=self._stretches, stopped=stopped)
        replace(self._file, record.model_dump_json().encode())
