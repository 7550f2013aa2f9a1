"""Several programs write a Delta table in an object store, where no lock holds."""

from collections.abc import Callable
from typing import Any

import pytest

from lake.errors import LakeBusy
from lake.layout import LakeLayout
from lake.tables.delta.log import DeltaLog
from lake.tables.delta.table import DeltaTable
from lake.tables.sync import rebuild, sync
from tests.object_store.lakes import fresh_clients, layout, proxy
from tests.unit.lake.lakes import land
from tests.unit.lake.tables.following import (
    KEEP_ALL,
    assert_like_the_lake,
    grow,
    log_names,
    synced,
)

__all__ = ["fresh_clients", "layout", "proxy"]


def meanwhile(table: DeltaTable, patch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Have others act once the table's next version is computed and not written yet."""
    append, acts = table.append, [act]

    def append_late(*arguments: Any) -> object:
        if acts:
            acts.pop()()
        return append(*arguments)

    patch.setattr(table, "append", append_late)


def test_a_version_of_the_same_change_is_another_ones(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that write the same files at once do not both believe that it was them."""
    land(layout, range(1, 11))
    synced(layout)
    land(layout, range(11, 21))
    ours, theirs = DeltaTable(layout), DeltaTable(layout)
    assert ours.position() == theirs.position()
    meanwhile(ours, monkeypatch, lambda: sync(layout, theirs, KEEP_ALL))
    assert sync(layout, ours, KEEP_ALL) is None, "the other one has written all of it"
    position = theirs.position()
    assert position is not None
    assert position.version == 1
    assert_like_the_lake(layout)


def test_one_that_slept_while_versions_were_dropped_looks_again(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name of its version is free again, and no reader would ever look at it."""
    monkeypatch.setattr("lake.tables.delta.table.CHECKPOINT_INTERVAL", 2)
    land(layout, range(1, 11))
    slept = DeltaTable(layout)
    sync(layout, slept, KEEP_ALL)
    land(layout, range(11, 21))
    meanwhile(slept, monkeypatch, lambda: grow(layout, 8))
    assert log_names(layout, ".json")[0] == f"{0:020d}.json"
    assert sync(layout, slept, KEEP_ALL) is None
    kept = log_names(layout, ".json")
    assert f"{1:020d}.json" not in kept
    assert_like_the_lake(layout)
    land(layout, range(2_001, 2_011))
    done = sync(layout, slept, KEEP_ALL)
    assert done is not None
    assert done.position.version == 9
    assert_like_the_lake(layout)


def test_one_that_slept_before_the_first_version_looks_again(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table has begun meanwhile, and its first versions are dropped."""
    monkeypatch.setattr("lake.tables.delta.table.CHECKPOINT_INTERVAL", 2)
    land(layout, range(1, 11))
    slept = DeltaTable(layout)
    meanwhile(slept, monkeypatch, lambda: grow(layout, 8))
    assert sync(layout, slept, KEEP_ALL) is None
    assert f"{0:020d}.json" not in log_names(layout, ".json")
    assert_like_the_lake(layout)


def test_one_that_slept_while_the_table_was_rebuilt_looks_again(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its number is far above those of the new log, and would leave a gap in it."""
    grow(layout, 3)
    slept = DeltaTable(layout)
    sync(layout, slept, KEEP_ALL)
    land(layout, range(1, 11))
    meanwhile(slept, monkeypatch, lambda: rebuild(layout, DeltaTable(layout), KEEP_ALL))
    assert sync(layout, slept, KEEP_ALL) is None
    assert log_names(layout, ".json") == [f"{0:020d}.json"]
    assert_like_the_lake(layout)


def test_a_version_that_comes_while_the_log_is_removed_goes_too(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the new log would have a gap; if versions come all the time, it says so."""
    grow(layout, 2)
    clear, late = DeltaLog.clear, [2]

    def clear_slowly(of: DeltaLog) -> int:
        gone = clear(of)
        if late:
            (of.path(late.pop())).write_bytes(b"{}")
        return gone

    monkeypatch.setattr(DeltaLog, "clear", clear_slowly)
    rebuild(layout, DeltaTable(layout), KEEP_ALL)
    assert log_names(layout, ".json") == [f"{0:020d}.json"]
    assert_like_the_lake(layout)
    monkeypatch.setattr(DeltaLog, "clear", lambda _: 1)
    with pytest.raises(LakeBusy, match="end each `kraken-lake tables sync`"):
        rebuild(layout, DeltaTable(layout), KEEP_ALL)
