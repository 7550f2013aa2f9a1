import json
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import lake
from infra.monitor.table_gauges import TableGauges
from lake.__main__ import app
from lake.errors import CatalogUnavailable, StoreUnsupported
from lake.layout import LakeLayout
from lake.log.commit import OffsetRange
from lake.read.quarantine import count_by_reason, records
from lake.storage.object_path import ObjectPath
from lake.tables.delta.table import DeltaTable
from lake.write.batch import Batch
from lake.write.staged_files import stage_trades
from lake.write.store.keys import trade_file
from lake.write.writer import LakeWriter
from runtime.metrics import Metrics
from tests.object_store.lakes import fresh_clients, layout, proxy
from tests.unit.lake.lakes import AT, HEADERS, HOUR, SOURCE, trades
from tests.unit.lake.store.landing import by_files, by_listing, land

__all__ = ["fresh_clients", "layout", "proxy"]

VOLUME = pa.decimal128(28, 10)
ALL = [("BTC_USD", one) for one in range(1, 81)]


@pytest.fixture
def of_hours(layout: LakeLayout) -> LakeLayout:
    """Ids 1 to 80 in the hours 15 to 18, with volumes, two files an hour."""
    with LakeWriter.open(layout, run_id="r1") as writer:
        for number in range(8):
            hour, first = 15 + number // 2, 10 * number + 1
            rows = trades(list(range(first, first + 10)), AT.replace(hour=hour))
            volume = pa.array([Decimal("0.5")] * 10, VOLUME)
            partition = HOUR.replace("hour=18", f"hour={hour}")
            folder = writer.staging_folder(number)
            place = trade_file(folder, partition, "0")
            table = rows.append_column("volume", volume)
            file = stage_trades(table, place, partition, "zstd")
            offsets = {0: OffsetRange(start=first - 1, end=first + 9)}
            writer.commit(Batch(folder, 10, 0, source=SOURCE, offsets=offsets, trade_files=[file]))
    return layout


def invoke(*arguments: str, status: int = 0) -> str:
    """The output of `kraken-lake ARGUMENTS`."""
    ended = CliRunner().invoke(app, [*arguments], env={"COLUMNS": "200"})
    assert ended.exit_code == status, (ended.output, ended.exception)
    return ended.stdout if "--json" in arguments else ended.output


def names_in(folder: object) -> list[str]:
    """The names of all objects below a folder."""
    assert isinstance(folder, ObjectPath)
    return [path.name for path in folder.below()]


def test_the_commands_work(of_hours: LakeLayout, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files, schema, report; compact, which folds; verify, which proves; retire and its report."""
    monkeypatch.setenv("LOG_RETENTION_HOURS", "0")
    layout = of_hours
    assert len(invoke("files").splitlines()) == 8
    assert lake.schema(layout).names == ["trade_id", "executed_at", "volume"]
    assert by_listing(layout) == []
    assert by_files(layout) == ALL
    assert "4 folders: 8 files -> 4" in invoke("compact")
    assert by_listing(layout) == by_files(layout) == ALL
    assert len(names_in(layout.live)) == 8
    invoke("compact")
    assert names_in(layout.live) == [], "the next run removes what the one before replaced"
    invoke("compact")
    assert sum(name[0].isdigit() for name in names_in(layout.commits)) < 8, "the log is folded"
    report = invoke("report")
    assert report.count("BTC/USD") == 4
    assert report.count("10.00000000") == 4
    assert "The lake is whole." in invoke("verify")
    assert "The lake is whole." in invoke("verify", "--full")
    assert "2 files" in invoke("retire", "--before", "2026-01-30T17:00Z")
    assert by_listing(layout) == by_files(layout) == ALL[40:]
    assert "15h" in invoke("report", "--retired")
    assert "The lake is whole." in invoke("verify")
    land(layout, {HOUR: range(1, 85)}, run="r2")
    assert by_files(layout) == [*ALL[40:], *(("BTC_USD", one) for one in range(81, 85))]


def test_late_trades_of_a_closed_hour_make_another_object(of_hours: LakeLayout) -> None:
    """What is in the readers' folder stays as it is, and such an hour can be retired, too."""
    invoke("compact")
    before = set(names_in(of_hours.trades))
    land(of_hours, {HOUR.replace("hour=18", "hour=15"): range(101, 103)}, run="r2")
    assert by_listing(of_hours) == ALL
    invoke("compact")
    assert set(names_in(of_hours.trades)) > before
    assert by_listing(of_hours) == by_files(of_hours)
    assert len(by_listing(of_hours)) == 82


def test_damage_is_found(of_hours: LakeLayout) -> None:
    """A file that is gone, one that has changed, and one that no commit names."""
    invoke("compact")
    trades_folder = of_hours.trades
    assert isinstance(trades_folder, ObjectPath)
    gone, changed, kept, _ = trades_folder.below()
    kept.with_name("stray.parquet").write_bytes(kept.read_bytes())
    changed.write_bytes(changed.read_bytes()[::-1])
    gone.unlink()
    found = invoke("verify", status=1)
    for kind in ("missing file", "changed content", "extra file", "duplicates"):
        assert kind in found, found


def test_the_quarantine_is_read(layout: LakeLayout) -> None:
    """Records are counted and shown, and their file stays where it was uploaded."""
    columns = {
        "reason": ["no magic byte"] * 2,
        "detail": pa.array([None] * 2, pa.string()),
        "topic": ["kraken.trades"] * 2,
        "partition": pa.array([0] * 2, pa.int32()),
        "offset": pa.array(range(2), pa.int64()),
        "timestamp": pa.array([0] * 2, pa.timestamp("us", "UTC")),
        "key": [b"BTC/USD"] * 2,
        "value": [b"x", None],
        "headers": pa.array([None] * 2, HEADERS),
    }
    content = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), content)
    with LakeWriter.open(layout, run_id="r1") as writer:
        folder = writer.staging_folder(0)
        offsets = {0: OffsetRange(start=0, end=2)}
        batch = Batch(folder, 0, 2, source=SOURCE, offsets=offsets, trade_files=())
        (batch.quarantine / "part-0.parquet").write_bytes(content.getvalue())
        commit = writer.commit(batch)
    assert commit.quarantined[0].path == commit.quarantined[0].staged
    assert [(one.reason, one.records) for one in count_by_reason(layout)] == [("no magic byte", 2)]
    assert [one.value for one in records(layout)] == [b"x", None]
    land(layout, {HOUR: range(1, 3)}, run="r2")
    assert len(records(layout)) == 2, "the next run's start removes nothing that a commit names"


def test_what_needs_a_file_system_says_so(of_hours: LakeLayout) -> None:
    """In one sentence."""
    ended = CliRunner().invoke(app, ["compact", "--open-hours", "--every", "10 seconds"])
    assert isinstance(ended.exception, StoreUnsupported)
    assert "on a local or NFS file system only" in str(ended.exception)
    assert by_files(of_hours) == ALL


def test_an_iceberg_table_needs_a_catalog_that_is_named(of_hours: LakeLayout) -> None:
    """A file on this machine would be another catalog on each; no other table is begun either."""
    for arguments in (("sync",), ("sync", "--rebuild"), ("status",)):
        ended = CliRunner().invoke(app, ["tables", *arguments, "--format", "delta,iceberg"])
        assert isinstance(ended.exception, CatalogUnavailable)
        assert "Set ICEBERG_CATALOG_URI" in str(ended.exception)
    assert not (of_hours.base / "_delta_log").exists(), "nothing is begun"
    assert by_files(of_hours) == ALL


def test_the_table_works(of_hours: LakeLayout) -> None:
    """Made, shown, compared, found by a commit, damaged and mended."""
    assert "There is no delta table" in invoke("tables", "status", status=1)
    assert "as of commit 8: 8 files added, 0 removed" in invoke("tables", "sync")
    invoke("compact")
    assert json.loads(invoke("tables", "status", "--json"))["commits_behind"] == 5
    assert "by 5 commits: 4 files added, 8 removed" in invoke("tables", "sync")
    assert "newest commit" in invoke("tables", "sync")
    assert invoke("tables", "version", "--at", "13").strip() == "1"
    assert invoke("tables", "version", "--at", "8").strip() == "0"
    assert "The lake is whole." in invoke("verify")
    newest = of_hours.base / "_delta_log" / f"{1:020d}.json"
    newest.write_bytes(newest.read_bytes().replace(b'"size":', b'"size":9'))
    assert invoke("verify", status=1).count("table differs") == 4
    newest.write_bytes(b"{")
    assert "--rebuild" in invoke("tables", "sync", status=1)
    assert "as of commit 13: 4 files added" in invoke("tables", "sync", "--rebuild")
    assert "The lake is whole." in invoke("verify")


def test_the_iceberg_table_works(
    of_hours: LakeLayout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same commands, with a catalog that is named."""
    monkeypatch.setenv("TABLE_FORMATS", "iceberg")
    monkeypatch.setenv("ICEBERG_CATALOG_URI", f"sqlite:///{tmp_path}/catalog.db")
    assert "There is no iceberg table" in invoke("tables", "status", status=1)
    assert "as of commit 8: 8 files added, 0 removed" in invoke("tables", "sync")
    invoke("compact")
    assert json.loads(invoke("tables", "status", "--json"))["commits_behind"] == 5
    assert "by 5 commits: 4 files added, 8 removed" in invoke("tables", "sync")
    version = ("tables", "version", "--format", "iceberg", "--at")
    assert (invoke(*version, "13").strip(), invoke(*version, "8").strip()) == ("2", "1")
    assert "The lake is whole." in invoke("verify")
    assert "as of commit 13: 4 files added" in invoke("tables", "sync", "--rebuild")
    assert "The lake is whole." in invoke("verify")
    assert by_files(of_hours) == ALL


def test_the_table_is_kept_and_measured(of_hours: LakeLayout) -> None:
    """Until SIGTERM; its lag is among the metrics."""
    metrics = Metrics()
    gauges = TableGauges(metrics, of_hours, "")
    behind = {"format": "delta"}
    command = (sys.executable, "-m", "lake", "tables", "sync", "--every", "1 second")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert "Keeping the delta table in s3://" in process.stdout.readline()
            table = DeltaTable(of_hours)
            for newest in (8, 10):
                while (position := table.position()) is None or position.commit < newest:
                    assert process.poll() is None
                    time.sleep(0.05)
                if newest == 8:
                    land(of_hours, {HOUR: range(81, 85)}, run="r2")
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()
    gauges.measure(10)
    assert metrics.registry.get_sample_value("kraken_lake_table_commits_behind", behind) == 0
    land(of_hours, {HOUR: range(85, 89)}, run="r3")
    gauges.measure(12)
    assert metrics.registry.get_sample_value("kraken_lake_table_commits_behind", behind) == 2
    assert metrics.registry.get_sample_value("kraken_lake_table_behind_seconds", behind)


def test_open_hours_are_merged_by_one_call(of_hours: LakeLayout) -> None:
    """They stay among the live files, since later trades may come; each trade once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lake.write.merge_choice.MOST_FILES", 1)
        invoke("compact", "--open-hours", "--older-than", "100000 days")
    assert by_files(of_hours) == ALL
    assert by_listing(of_hours) == []
    assert len(lake.files(of_hours)) == 4
