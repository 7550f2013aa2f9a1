"""The actions of a Delta table, byte for byte: what other programs read."""

import json
from datetime import UTC, datetime

import pytest

from lake.tables.changes import Added, Change, Removed
from lake.tables.delta.actions import (
    PROTOCOL,
    changed_files,
    encoded,
    from_path,
    header,
    metadata,
    to_path,
)
from tests.unit.lake.lakes import HOUR
from tests.unit.lake.tables.commits import file

FROM = f"KRAKEN/{HOUR}"
VERSION = (
    '{"commitInfo":{"timestamp":1769796300250,"operation":"SYNC","operationParameters":{'
    '"exchange":"KRAKEN","firstCommit":"3","lastCommit":"7"},"operationMetrics":{'
    '"numAddedFiles":"2","numRemovedFiles":"1"},"isBlindAppend":false,'
    '"engineInfo":"kraken-lake","lakeExchange":"KRAKEN","lakeCommit":7}}\n'
    '{"txn":{"appId":"kraken-lake/KRAKEN","version":7,"lastUpdated":1769796300250}}\n'
    f'{{"remove":{{"path":"{FROM}/old.parquet","deletionTimestamp":1769796300250,'
    '"dataChange":false,"extendedFileMetadata":false}}\n'
    f'{{"add":{{"path":"{FROM}/merged.parquet","partitionValues":{{"year":"2026","month":"1",'
    '"day":"30","hour":"18","symbol":"BTC_USD"},"size":1001,"modificationTime":1769796300250,'
    '"dataChange":false,"stats":"{\\"numRecords\\":20,\\"minValues\\":{\\"trade_id\\":1,'
    '\\"executed_at\\":\\"2026-01-30T18:00:00.000001Z\\"},\\"maxValues\\":{\\"trade_id\\":30,'
    '\\"executed_at\\":\\"2026-01-30T18:00:00.000030Z\\"},\\"nullCount\\":{\\"trade_id\\":0,'
    '\\"executed_at\\":0}}"}}\n'
    f'{{"add":{{"path":"{FROM}/without.parquet","partitionValues":{{"year":"2026","month":"1",'
    '"day":"30","hour":"18","symbol":"BTC_USD"},"size":1031,"modificationTime":1769796300250,'
    '"dataChange":true,"stats":"{\\"numRecords\\":1,\\"minValues\\":{\\"trade_id\\":31},'
    '\\"maxValues\\":{\\"trade_id\\":31},\\"nullCount\\":{\\"trade_id\\":0}}"}}\n'
)


@pytest.fixture
def change() -> Change:
    """A merge of a file that the table has, and a file whose commit states no times."""
    return Change(
        first=3,
        last=7,
        committed_at=datetime(2026, 1, 30, 18, 5, 0, 250_999, tzinfo=UTC),
        added=(
            Added(file("merged", (1, 10), (21, 30)), new_rows=False),
            Added(file("without", (31, 31), times=False), new_rows=True),
        ),
        removed=(Removed(f"{FROM}/old.parquet", rows_go=False),),
    )


def test_a_version(change: Change) -> None:
    """One JSON object a line: who wrote it, how far it goes, what leaves, what joins."""
    actions = [*header(change, "KRAKEN"), *changed_files(change)]
    assert encoded(actions).decode() == VERSION


def test_the_first_version_also_says_what_the_table_is(change: Change) -> None:
    """Protocol and metadata come before the commit's number."""
    begun = metadata("{}", "an id", change.committed_at)
    found = list(header(change, "KRAKEN", protocol=PROTOCOL, metadata=begun))
    assert [next(iter(action)) for action in found] == ["commitInfo", "protocol", "metaData", "txn"]
    assert found[1]["protocol"] == {
        "minReaderVersion": 1,
        "minWriterVersion": 7,
        "writerFeatures": ["writtenByKrakenLakeOnly"],
    }
    assert found[2]["metaData"] == {
        "id": "an id",
        "name": "trades",
        "description": "The files of a kraken-lake; written by `kraken-lake tables sync` only.",
        "format": {"provider": "parquet", "options": {}},
        "schemaString": "{}",
        "partitionColumns": ["year", "month", "day", "hour", "symbol"],
        "configuration": {
            "delta.checkpointInterval": "100",
            "delta.deletedFileRetentionDuration": "interval 36500 days",
            "delta.enableExpiredLogCleanup": "false",
            "delta.dataSkippingStatsColumns": "trade_id,executed_at",
        },
        "createdTime": 1769796300250,
    }


def test_prices_and_volumes_have_no_bounds(change: Change) -> None:
    """Readers take decimals through doubles, and would leave out the file that has the row."""
    adds = [action["add"] for action in changed_files(change) if "add" in action]
    for stats in (json.loads(add["stats"]) for add in adds):
        for part in ("minValues", "maxValues", "nullCount"):
            assert set(stats[part]) <= {"trade_id", "executed_at"}


@pytest.mark.parametrize(
    ("path", "url"),
    [
        (f"{FROM}/part-0000000001-00000.parquet", f"{FROM}/part-0000000001-00000.parquet"),
        ("KRAKEN/symbol=1INCH_USD/a.parquet", "KRAKEN/symbol=1INCH_USD/a.parquet"),
        ("KRAKEN/symbol=A B_USD/a.parquet", "KRAKEN/symbol=A%20B_USD/a.parquet"),
        ("KRAKEN/symbol=50%_é/a.parquet", "KRAKEN/symbol=50%25_%C3%A9/a.parquet"),
        ("KRAKEN/symbol=A?#_USD/a.parquet", "KRAKEN/symbol=A%3F%23_USD/a.parquet"),
    ],
)
def test_a_path_is_a_url_in_the_log(path: str, url: str) -> None:
    """As the protocol says; what a URL allows stays as it is."""
    assert from_path(path) == url
    assert to_path(url) == path
