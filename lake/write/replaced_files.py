"""Replaced files, which stay under staging until no reader is listing them any more.

A compaction swaps a folder for its merged version, and the old folder then lies in the batch's
folder under staging. A reader that has begun to list it would miss files if they went now.
"""

import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from lake.layout import LakeLayout
from lake.log.commit import Role

__all__ = ["READERS_GRACE", "drop_old_batches", "drop_staging"]

READERS_GRACE: Final = 60.0
"""Seconds for which replaced files are kept."""


def drop_staging(layout: LakeLayout, role: Role) -> None:
    """Drop what earlier runs of a role left under staging, on a file system.

    What maintenance replaced a moment ago stays, since readers may be listing it.
    """
    staging = layout.staging(role)
    if role is Role.MAINTENANCE and isinstance(staging, Path):
        drop_old_batches(staging)
    else:
        shutil.rmtree(staging, ignore_errors=True)


def drop_old_batches(staging: Path) -> None:
    """Remove the batches below one role's staging in which nothing has changed for the grace.

    The folders' own times decide, so this holds across processes and kills. What a killed process
    staged and did not commit goes in the same way.
    """
    for run in _folders(staging):
        for batch in _folders(run):
            if _age(batch) > READERS_GRACE:
                shutil.rmtree(batch, ignore_errors=True)
        with suppress(OSError):  # It holds a batch that stays.
            run.rmdir()


def _age(batch: Path) -> float:
    """Return the seconds since a name changed in a batch's folder or directly below it.

    A swap changes a name there. A time in the future, from before the clock was set back, counts
    by its distance too: otherwise the batch might stay for years.
    """
    changed = max(folder.stat().st_mtime for folder in (batch, *_folders(batch)))
    return abs(time.time() - changed)


def _folders(inside: Path) -> list[Path]:
    return [path for path in inside.iterdir() if path.is_dir()] if inside.exists() else []
