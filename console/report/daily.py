"""One report a day, kept beside the commit log; the oldest ones are removed."""

import re
import time
from datetime import date
from pathlib import Path
from typing import Final

from lake.errors import LakeUnwritable
from lake.layout import LakeLayout
from lake.storage.object_path import LakePath
from lake.storage.operations import names_in, remove

__all__ = ["KEPT", "daily_path", "make_folder", "remove_old"]

KEPT: Final = 30
"""How many reports are kept."""
_NAME: Final = re.compile(r"\d{4}-\d{2}-\d{2}\.html")
_LEFT_OVER_AFTER: Final = 86_400


def daily_path(layout: LakeLayout, day: date) -> LakePath:
    """Return where a day's report is: `_platform/KRAKEN/reports/2026-01-30.html`."""
    return layout.reports / f"{day}.html"


def make_folder(layout: LakeLayout) -> None:
    """Create the folder of the reports; there are none in an object store.

    Raises:
        LakeUnwritable: It cannot be created.
    """
    try:
        layout.reports.mkdir(exist_ok=True)
    except OSError as error:
        raise LakeUnwritable(
            f"cannot create {layout.reports}: {error.strerror}. Allow it, or write the report "
            "elsewhere: `kraken-lake report --html FILE`."
        ) from error


def remove_old(layout: LakeLayout) -> list[LakePath]:
    """Remove all but the newest reports, and what a killed program left; return the reports.

    Raises:
        StoreRefused: The store refused or did not answer.
    """
    dated = sorted(name for name in names_in(layout.reports) if _NAME.fullmatch(name))
    removed = [layout.reports / name for name in dated[:-KEPT]]
    remove([*removed, *_left_over(layout.reports)])
    return removed


def _left_over(folder: LakePath) -> list[Path]:
    """Return scratch files that are too old to be in use; a store has none."""
    if not isinstance(folder, Path):
        return []
    before = time.time() - _LEFT_OVER_AFTER
    return [one for one in folder.glob(".*.html.*") if one.stat().st_mtime < before]
