"""A bucket that keeps old versions of its objects, and one that also locks them."""

import uuid
from collections.abc import Iterator

import pytest

from infra.jars.installation import DEFAULT_FOLDER as JARS
from infra.object_store.server import ObjectStore
from lake.settings import LakeSettings
from lake.verify.verification import verify
from tests.object_store.lakes import fresh_clients
from tests.object_store.signed import put
from tests.unit.lake.lakes import HOUR
from tests.unit.lake.store.landing import ETH, NEXT_HOUR, by_files, by_listing, compact, land

__all__ = ["fresh_clients"]

XML = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
KEEPS = f"<VersioningConfiguration {XML}><Status>Enabled</Status></VersioningConfiguration>"
LOCKS = (
    f"<ObjectLockConfiguration {XML}><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>"
    "<DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days></DefaultRetention></Rule>"
    "</ObjectLockConfiguration>"
)


@pytest.fixture(scope="module")
def keeping_store(
    tmp_path_factory: pytest.TempPathFactory, object_store: ObjectStore
) -> Iterator[ObjectStore]:
    """A server of its own, which can keep versions; skipped where the other one is."""
    assert object_store.endpoint
    with ObjectStore(tmp_path_factory.mktemp("keeping"), JARS, versions=True) as store:
        yield store


@pytest.mark.parametrize("locks", [False, True], ids=["versions", "locks"])
def test_a_lake_lives_in_a_bucket_that_keeps_versions(
    keeping_store: ObjectStore, monkeypatch: pytest.MonkeyPatch, *, locks: bool
) -> None:
    """Landing, compaction, late trades, and verification: what is removed stays hidden."""
    bucket = f"test-{uuid.uuid4().hex[:12]}"
    if locks:
        put(keeping_store, bucket, x_amz_bucket_object_lock_enabled="true")
        put(keeping_store, bucket, "object-lock", LOCKS)
    else:
        put(keeping_store, bucket)
        put(keeping_store, bucket, "versioning", KEEPS)
    for variable, value in keeping_store.env().items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("BASE_OUTPUT_PATH", f"s3://{bucket}/lake")
    layout = LakeSettings().layout
    land(layout, {HOUR: [1, 2]}, {HOUR: [2, 3], ETH: [1]})
    assert len(compact(layout)) == 2
    land(layout, {HOUR: [4]}, {NEXT_HOUR: [5]}, run="r2")
    compact(layout, run="m2")
    wanted = [("BTC_USD", one) for one in range(1, 6)] + [("ETH_USD", 1)]
    assert by_files(layout) == by_listing(layout) == wanted
    assert verify(layout, full=True).problems == ()
