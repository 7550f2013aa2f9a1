"""How many requests are sent: each is paid for, and takes its time."""

from collections import Counter

from lake.log.commit import Role
from lake.write.writer import LakeWriter
from tests.unit.lake.lakes import HOUR
from tests.unit.lake.store.landing import ETH, compact, land, staged
from tests.unit.lake.store.stores import Stores


def test_the_requests_of_a_batch(stores: Stores) -> None:
    """A write and a look for each file, a write for the commit, a listing of the manifests."""
    lake, process = stores.process()
    with LakeWriter.open(lake, run_id="r1") as writer:
        for number in range(3):
            before = len(process.requests)
            first = 3 * number + 1
            writer.commit(staged(writer, number, {HOUR: [first], ETH: [first]}))
            sent = Counter(request.kind for request in process.requests[before:])
            assert sent == {"put": 2, "head": 2, "create": 1, "list": 1}


def test_a_start_does_not_ask_about_each_commit(stores: Stores) -> None:
    """It lists the log once and reads what it lists: not a request more for the end of it."""
    lake, _ = stores.process()
    land(lake, *({HOUR: [number]} for number in range(1, 31)))
    lake, process = stores.process()
    with LakeWriter.open(lake, run_id="r2"):
        sent = Counter(request.kind for request in process.requests)
        commits = Counter(request.key for request in process.requests if request.kind == "get")
    assert max(commits.values()) <= 3, "the state, the newest commit, and the files"
    assert sent["get"] < 70
    assert sent["head"] <= 2
    assert sent["list"] < 15


def test_a_closed_hour(stores: Stores) -> None:
    """Its files are read once; the merged one is uploaded, read back, copied and removed."""
    lake, _ = stores.process()
    land(lake, *({HOUR: [number]} for number in range(1, 31)))
    with LakeWriter.open(stores.process()[0], run_id="m0", role=Role.MAINTENANCE):
        pass
    lake, process = stores.process()
    assert [one.files for one in compact(lake)] == [30]
    of_files = [request for request in process.requests if request.key.endswith(".parquet")]
    sent = Counter(request.kind for request in of_files)
    assert sent == {"get": 31, "put": 1, "head": 1, "copy": 1, "delete": 1}
