"""The Delta table in an object store, kills, lost answers, and what a round costs."""

import os
from functools import partial

import pyarrow as pa
import pytest

from infra.object_store.proxy import Fault, Request, StoreProxy
from lake.errors import TableDamaged
from lake.layout import LakeLayout
from lake.log.commit_log import CommitLog
from lake.log.snapshot import read_snapshot
from lake.storage.object_client import ObjectClient
from lake.tables.columns import columns_of
from lake.tables.delta.table import DeltaTable
from lake.tables.follow import Pace
from lake.tables.sync import rebuild, sync
from tests.object_store.lakes import fresh_clients, layout, proxy
from tests.unit.lake.lakes import AT, compact, land, trades
from tests.unit.lake.store.stores import Killed, Stores
from tests.unit.lake.tables.following import (
    DROP_OLD,
    KEEP_ALL,
    assert_like_the_lake,
    grow,
    log_names,
    synced,
)

__all__ = ["fresh_clients", "layout", "proxy"]


def is_version(request: Request) -> bool:
    """Whether a request creates a version of the table."""
    return request.is_conditional and "/_delta_log/" in request.key


@pytest.mark.parametrize("fault", [Fault.SLOW_DOWN, Fault.LOST_ANSWER, Fault.CUT_REQUEST])
def test_a_version_is_written_once_whatever_happens_to_its_answer(
    proxy: StoreProxy, layout: LakeLayout, fault: Fault
) -> None:
    """It is sent again, and recognized if it was there."""
    land(layout, range(1, 11))
    left = [fault, fault]
    proxy.fault = lambda request: left.pop() if left and is_version(request) else None
    done = synced(layout)
    assert done is not None
    assert (done.position.version, left) == (0, [])
    assert_like_the_lake(layout)


def test_a_rebuild_that_is_killed_is_repaired_by_the_next(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever files of the old log are left: a table of some version, a damaged one, or none."""
    monkeypatch.setattr("lake.tables.delta.table.CHECKPOINT_INTERVAL", 3)
    delete, found = ObjectClient.delete, set()
    for left in (1, 3, 6, 9):
        grow(layout, 5)

        def killed(client: ObjectClient, keys: object, left: int) -> None:
            some = list(keys)  # type: ignore[call-overload]
            delete(client, some if len(some) == 1 else some[:left])
            if len(some) > 1:
                raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(ObjectClient, "delete", lambda one, keys, n=left: killed(one, keys, n))
            with pytest.raises(Killed):
                rebuild(layout, DeltaTable(layout), KEEP_ALL)
        try:
            position = DeltaTable(layout).position()
            found.add("none" if position is None else "older")
        except TableDamaged:
            found.add("damaged")
        done = rebuild(layout, DeltaTable(layout), KEEP_ALL)
        assert done.position.version == 0
        assert log_names(layout, "") == [f"{0:020d}.json"]
        assert_like_the_lake(layout)
    assert found == {"none", "older"}


def test_a_sync_is_killed_between_any_two_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one goes on; checkpoints and the dropping of versions are among what is killed."""
    monkeypatch.setattr("lake.tables.delta.table.CHECKPOINT_INTERVAL", 2)
    for after in range(30):
        stores = Stores(monkeypatch)
        lake, _ = stores.process()
        grow(lake, 7)
        land(lake, range(1, 11))
        killed, process = stores.process(kill_after=after)
        work = partial(sync, killed, DeltaTable(killed), DROP_OLD)
        try:
            work()
        except Killed:
            assert process.is_dead
        else:
            assert after > 3, "the version, the checkpoint, the hint and what is dropped"
            return
        land(lake, range(11, 21))
        assert synced(stores.process()[0], DROP_OLD) is not None
        assert_like_the_lake(lake)
    pytest.fail("it never came to its end")


def test_what_a_round_costs(stores: Stores) -> None:
    """Few requests; of the dear kind, one for each version and a listing or two for each look."""
    lake, _ = stores.process()
    land(lake, range(1, 11))
    kept, process = stores.process()
    table = DeltaTable(kept)
    sync(kept, table, KEEP_ALL)
    process.requests.clear()
    assert sync(kept, table, KEEP_ALL) is None
    kinds = [request.kind for request in process.requests]
    assert (kinds.count("list"), process.writes) == (4, 0), process.requests
    land(lake, range(11, 21))
    process.requests.clear()
    assert sync(kept, table, KEEP_ALL) is not None
    assert process.writes == 1, process.requests


@pytest.fixture
def stores(monkeypatch: pytest.MonkeyPatch) -> Stores:
    """A bucket in memory that processes share."""
    return Stores(monkeypatch)


def test_a_log_in_a_store_is_not_looked_at_between_two_syncs(stores: Stores) -> None:
    """Each look is paid for, and files that were merged stay until maintenance runs again."""
    lake, process = stores.process()
    land(lake, range(1, 11))
    pace = Pace(CommitLog(lake.commits), 3_600.0)
    assert pace.is_due()
    pace.synced(1)
    land(lake, range(11, 21))
    compact(lake)
    process.requests.clear()
    assert not pace.is_due()
    assert process.requests == []


@pytest.mark.parametrize("at_first", [64 << 10, 16], ids=["in one piece", "in two"])
def test_a_file_is_not_read_for_its_columns(
    proxy: StoreProxy, layout: LakeLayout, monkeypatch: pytest.MonkeyPatch, at_first: int
) -> None:
    """Only its end: a table begins with the columns of every file of the lake."""
    monkeypatch.setattr("lake.storage.operations._FOOTER", at_first)
    noise = pa.array([os.urandom(1_000) for _ in range(1_000)])
    land(layout, trades(range(1_000), AT).append_column("noise", noise))
    (file,) = read_snapshot(layout).files.values()
    proxy.requests.clear()
    assert columns_of(layout.base, [[file]]).names == ["trade_id", "executed_at", "noise"]
    assert sum(request.received for request in proxy.requests) < (100 << 10) < file.bytes
