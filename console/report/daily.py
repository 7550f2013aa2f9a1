"""One report a day, kept beside the commit log; the oldest ones are removed."""

import re
import time
from datetime import date
from pathlib import Path
from typing import Final

from lake.errors import LakeUnwritable
from lake.layout import LakeLayout
from lake.storage.object_path import on_disk

__all__ = ["KEPT", "daily_path", "make_folder", "remove_old"]

KEPT: Final = 30
"""How many reports are kept."""
_NAME: Final = re.compile(r"\d{4}-\d{2}-\d{2}\.html")
_LEFT_OVER_AFTER: Final = 86_400


def daily_path(layout: LakeLayout, day: date) -> Path:
    """Return where a day's report is: `_platform/KRAKEN/reports/2026-01-30.html`."""
    return _folder(layout) / f"{day}.html"


def make_folder(layout: LakeLayout) -> None:
    """Create the folder of the reports.

    Raises:
        LakeUnwritable: It cannot be created.
    """
    try:
        _folder(layout).mkdir(exist_ok=True)
    except OSError as error:
        raise LakeUnwritable(
            f"cannot create {layout.reports}: {error.strerror}. Allow it, or write the report "
            "elsewhere: `kraken-lake report --html FILE`."
        ) from error


def remove_old(layout: LakeLayout) -> list[Path]:
    """Remove all but the newest reports, and what a killed program left; return the reports."""
    dated = sorted(one for one in _folder(layout).iterdir() if _NAME.fullmatch(one.name))
    removed = dated[:-KEPT]
    for path in (*removed, *_left_over(_folder(layout))):
        path.unlink(missing_ok=True)
    return removed


def _folder(layout: LakeLayout) -> Path:
    return on_disk(layout.reports, "`kraken-lake report --daily`")


def _left_over(folder: Path) -> list[Path]:
    """Return scratch files that are too old to be in use."""
    before = time.time() - _LEFT_OVER_AFTER
    return [one for one in folder.glob(".*.html.*") if one.stat().st_mtime < before]
