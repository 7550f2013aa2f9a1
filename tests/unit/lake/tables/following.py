"""A table that follows a lake, and what it is held against."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

from lake.layout import LakeLayout
from lake.log.snapshot import read_snapshot
from lake.storage.object_path import LakePath
from lake.storage.operations import identity_of, names_in
from lake.tables.delta.table import DeltaTable
from lake.tables.sync import Synced, sync
from tests.unit.lake.lakes import land

KEEP_ALL = datetime(2000, 1, 1, tzinfo=UTC)
DROP_OLD = datetime(2999, 1, 1, tzinfo=UTC)


def synced(layout: LakeLayout, keep_from: datetime = KEEP_ALL) -> Synced | None:
    """What a new process does."""
    return sync(layout, DeltaTable(layout), keep_from)


def grow(layout: LakeLayout, versions: int) -> None:
    """Land so often, each a version."""
    for number in range(versions):
        first = 10 * number + 1_001
        land(layout, range(first, first + 10))
        assert synced(layout, DROP_OLD) is not None


def log(layout: LakeLayout) -> LakePath:
    """The table's log."""
    return layout.base / "_delta_log"


def log_names(layout: LakeLayout, ending: str) -> list[str]:
    """The names of the log's files that end so."""
    return sorted(name for name in names_in(log(layout)) if name.endswith(ending))


def remove_log(layout: LakeLayout) -> None:
    """What somebody does who does not want the table any more."""
    if isinstance(log(layout), Path):
        shutil.rmtree(log(layout))
        return
    for path in log(layout).below():
        path.unlink()


def version(layout: LakeLayout, number: int) -> list[dict[str, dict[str, object]]]:
    """The actions of one version."""
    lines = (log(layout) / f"{number:020d}.json").read_bytes().splitlines()
    return [json.loads(line) for line in lines]


def written_when(layout: LakeLayout) -> dict[LakePath, object]:
    """Number and time of change of everything in the lake, or its tag; reading changes neither."""
    if layout.is_on_store:
        in_lake = [*layout.trades.below(), *layout.live.below()]
        return {path: identity_of(path) for path in in_lake}
    found = {path: path.stat() for path in layout.trades.rglob("*")}
    return {path: (at.st_ino, at.st_ctime_ns) for path, at in found.items()}


def assert_like_the_lake(layout: LakeLayout) -> None:
    """The table lists the lake's files, each once, as of the newest commit."""
    table, snapshot = DeltaTable(layout), read_snapshot(layout)
    position = table.position()
    assert position is not None
    assert position.commit == snapshot.number
    assert set(table.files()) == set(snapshot.files)
