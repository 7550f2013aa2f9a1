"""Catalogs that do not answer, and other catalogs than the file beside the lake."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.monitor.table_gauges import TableGauges
from lake.errors import CatalogUnavailable
from lake.layout import LakeLayout
from lake.tables.formats import formats_in
from lake.tables.iceberg.table import IcebergTable
from lake.tables.sync import rebuild, sync
from lake.tables.table import TableFormat
from lake.verify.references import References
from lake.verify.result import ProblemKind
from lake.verify.verification import verify
from runtime.metrics import Metrics
from tests.ports import free_port
from tests.rest_catalog.server import serve_catalog
from tests.unit.lake.lakes import land
from tests.unit.lake.tables.following import KEEP_ALL


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where a catalog is that is shared with other tables."""
    return tmp_path / "shared" / "catalog.db"


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("sqlite:////nowhere/catalog.db", "unable to open database file"),
        ("http://someone:secret@127.0.0.1:PORT", "127.0.0.1:PORT"),
        ("nosuch://someone:secret@127.0.0.1/x", "nosuch://127.0.0.1/x"),
        ("nosuch://someone:a/secret@127.0.0.1/x", "nosuch://127.0.0.1/x"),
        ("nosuch://someone:secret#secret@127.0.0.1/x", "nosuch://127.0.0.1/x"),
        ("nosuch://127.0.0.1/x?password=secret", "nosuch://127.0.0.1/x"),
        ("nosuch:someone:secret@127.0.0.1/x", "nosuch:"),
        ("postgresql:someone:secret@127.0.0.1/x", "postgresql:"),
        ("mysql+nosuch://someone:secret@127.0.0.1/x", "nosuch"),
    ],
)
def test_a_catalog_that_cannot_be_used(layout: LakeLayout, uri: str, said: str) -> None:
    """One sentence says which and why, and shows no password; nothing is written."""
    port = str(free_port())
    land(layout, range(1, 11))
    with pytest.raises(CatalogUnavailable) as failed:
        sync(layout, IcebergTable(layout, uri.replace("PORT", port)), KEEP_ALL)
    message = str(failed.value)
    assert said.replace("PORT", port) in message
    assert "ICEBERG_CATALOG_URI" in message
    assert "secret" not in message
    assert not (layout.base / "_iceberg").exists()


def test_a_database_of_others_may_be_the_catalog(layout: LakeLayout, database: Path) -> None:
    """The table's own files stay beside the lake."""
    database.parent.mkdir()
    land(layout, range(1, 11))
    uri = f"sqlite:///{database}"
    for first in (11, 21):
        sync(layout, IcebergTable(layout, uri), KEEP_ALL)
        land(layout, range(first, first + 10))
    assert len(IcebergTable(layout, uri).files()) == 2
    assert [path.name for path in (layout.base / "_iceberg").iterdir()] == ["KRAKEN"]
    rebuild(layout, IcebergTable(layout, uri), KEEP_ALL)
    assert len(IcebergTable(layout, uri).files()) == 3
    assert verify(layout, References(catalog_uri=uri)).holds


def test_landing_goes_on_and_the_lag_is_told(layout: LakeLayout, database: Path) -> None:
    """The metrics count from where the table was; `verify` says that it cannot be compared."""
    database.parent.mkdir()
    uri = f"sqlite:///{database}?timeout=0.1"
    land(layout, range(1, 11))
    table = IcebergTable(layout, uri)
    sync(layout, table, KEEP_ALL)
    metrics = Metrics()
    gauges = TableGauges(metrics, layout, uri)
    gauges.measure(1)
    with closing(sqlite3.connect(database)) as other:
        other.execute("BEGIN EXCLUSIVE")
        land(layout, range(11, 21), range(21, 31))
        with pytest.raises(CatalogUnavailable, match="database is locked"):
            sync(layout, table, KEEP_ALL)
        gauges.measure(3)
        assert (value(metrics, "readable"), value(metrics, "commits_behind")) == (0, 2)
        (problem,) = verify(layout, References(catalog_uri=uri)).problems
        assert problem.kind is ProblemKind.WRONG_TABLE
        assert "cannot be used" in problem.advice
    done = sync(layout, table, datetime.now(UTC))
    assert done is not None
    assert (done.position.version, done.added) == (2, 2)
    gauges.measure(3)
    assert (value(metrics, "readable"), value(metrics, "commits_behind")) == (1, 0)


def test_a_commit_whose_answer_is_lost_is_not_made_twice(
    layout: LakeLayout, tmp_path: Path
) -> None:
    """The next round finds the lake's commit in the table. The catalog is asked by REST."""
    with serve_catalog(tmp_path) as rest:
        table = IcebergTable(layout, rest.uri)
        land(layout, range(1, 11))
        sync(layout, table, KEEP_ALL)
        land(layout, range(11, 21))
        rest.loses = lambda asked: asked.startswith("POST")
        with pytest.raises(CatalogUnavailable, match="brought up to date once it answers"):
            sync(layout, table, KEEP_ALL)
        rest.loses = lambda _: False
        assert sync(layout, table, KEEP_ALL) is None
        position = table.position()
        assert position is not None
        assert (position.version, position.commit, len(table.files())) == (2, 2, 2)


def value(metrics: Metrics, name: str) -> float | None:
    """What one of the table's metrics is."""
    return metrics.registry.get_sample_value(f"kraken_lake_table_{name}", {"format": "iceberg"})


def test_formats_have_names() -> None:
    """Each once, in the order given."""
    assert formats_in("iceberg, delta,iceberg") == [TableFormat.ICEBERG, TableFormat.DELTA]
    with pytest.raises(ValueError, match="hudi"):
        formats_in("delta,hudi")
