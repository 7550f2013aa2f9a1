"""The catalog of an Iceberg table whose lake is in an object store: another one, a killed rebuild.

On a real S3 server, with a catalog in SQLite and with one that is asked by REST.
"""

import pytest

from infra.monitor.table_gauges import TableGauges
from lake.errors import CatalogUnavailable, TableDamaged
from lake.layout import LakeLayout
from lake.log.snapshot import read_snapshot
from lake.tables.iceberg.table import IcebergTable
from lake.tables.sync import rebuild, sync
from lake.verify.references import References
from lake.verify.result import ProblemKind
from lake.verify.verification import verify
from runtime.metrics import Metrics
from tests.object_store.lakes import fresh_clients
from tests.unit.lake.lakes import land
from tests.unit.lake.store.stores import Killed
from tests.unit.lake.tables.following import KEEP_ALL
from tests.unit.lake.tables.iceberg.following import (
    assert_like_the_lake,
    kept,
    metadata_names,
    opened,
    synced,
)
from tests.unit.lake.tables.iceberg.places import catalog_of
from tests.unit.lake.tables.iceberg.places import in_store as layout

__all__ = ["fresh_clients", "layout"]


def test_a_second_catalog_makes_no_second_table(
    layout: LakeLayout, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Another machine names another one: it is refused, or takes the place over, which shows."""
    land(layout, range(1, 11))
    synced(layout)
    before, other = metadata_names(layout), f"sqlite:///{tmp_path_factory.mktemp('other')}/o.db"
    with pytest.raises(TableDamaged, match="is another catalog set on another machine"):
        sync(layout, IcebergTable(layout, other), KEEP_ALL)
    assert metadata_names(layout) == before
    land(layout, range(11, 21))
    synced(layout)
    assert_like_the_lake(layout)
    rebuild(layout, IcebergTable(layout, other), KEEP_ALL)
    assert len(IcebergTable(layout, other).files()) == 2
    with pytest.raises((TableDamaged, CatalogUnavailable)):
        synced(layout)


def test_a_killed_rebuild_is_made_up_for_by_the_next(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before the new table is there: it might be another catalog's that lies there."""
    land(layout, range(1, 11))
    synced(layout)
    with monkeypatch.context() as dying:
        dying.setattr(IcebergTable, "_create", lambda *_, **__: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            rebuild(layout, kept(layout), KEEP_ALL)
    with pytest.raises(TableDamaged, match="--format iceberg --rebuild"):
        synced(layout)
    done = rebuild(layout, kept(layout), KEEP_ALL)
    assert (done.position.version, done.added) == (1, 1)
    highest = max(name for name in metadata_names(layout) if name.endswith(".metadata.json"))
    assert opened(layout).metadata_location.endswith(highest)
    assert_like_the_lake(layout)


def test_lag_and_verification(layout: LakeLayout, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on disk; without a catalog, the table cannot be compared, and the lake is verified."""
    land(layout, range(1, 11))
    synced(layout)
    metrics, references = Metrics(), References(catalog_uri=catalog_of(layout))
    land(layout, range(11, 21))
    TableGauges(metrics, layout, catalog_of(layout)).measure(read_snapshot(layout).number)
    behind = metrics.registry.get_sample_value(
        "kraken_lake_table_commits_behind", {"format": "iceberg"}
    )
    assert behind
    assert verify(layout, references).holds
    synced(layout)
    assert verify(layout, references).holds
    with monkeypatch.context() as wrong:
        wrong.setattr("lake.verify.checks.table_check._difference", lambda *_: "is not right")
        assert len(verify(layout, references).problems) == 2
    (problem,) = verify(layout).problems
    assert problem.kind is ProblemKind.WRONG_TABLE
    assert "ICEBERG_CATALOG_URI" in problem.advice
