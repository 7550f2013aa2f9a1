"""When the synthetic trades of `make run KRAKEN=replay` happened, for the next run to go on.

Ids count on and cursors stay good, as at Kraken. What the producer had not fetched when a run ended
is there in the next one.
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
        stretches: one a run.
        stopped: when the last run ended, unix nanoseconds; None while it goes on, and if it was
            killed: then its trades went on happening.
    """

    stretches: list[Stretch]
    stopped: int | None = None


class TapeState:
    """The file that remembers.

    Args:
        file: where it is, or is to be.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stretches: list[Stretch] = []

    def begin(self, rate: float) -> tuple[Stretch, ...]:
        """The stretches of all runs before, and the one that begins now.

        Args:
            rate: trades a second of this run.
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
        """Remember that no trade happens any more."""
        self._save(time_ns())

    def _save(self, stopped: int | None) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        record = _Record(stretches=self._stretches, stopped=stopped)
        replace(self._file, record.model_dump_json().encode())
