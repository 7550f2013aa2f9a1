#!/bin/sh
# PyIceberg 0.12.0: add_files takes a file of a Hive-partitioned lake whose symbol stands in the folder
# name alone, without a complaint, and every row then has NULL for it.
#
# Expected: the value of the folder, or a refusal of a file that lacks a column of the table.
# Seen: two rows with symbol None; a filter for the symbol finds none of them.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'pyiceberg[sql-sqlite,pyarrow]==0.12.0' pyarrow==26.0.1
cd "$work"
"$work/venv/bin/python" - <<'PYTHON'
import os

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.schema import Schema
from pyiceberg.types import LongType, NestedField, StringType

catalog = SqlCatalog("local", uri="sqlite:///catalog.db", warehouse=f"file://{os.getcwd()}/warehouse")
catalog.create_namespace("lake")
table = catalog.create_table(
    "lake.trades",
    Schema(NestedField(1, "trade_id", LongType()), NestedField(2, "symbol", StringType())),
)
os.makedirs("lake/symbol=BTC_USD")
pq.write_table(pa.table({"trade_id": pa.array([1, 2], pa.int64())}), "lake/symbol=BTC_USD/part.parquet")
table.add_files([f"{os.getcwd()}/lake/symbol=BTC_USD/part.parquet"])

rows = table.scan().to_arrow().to_pydict()
filtered = table.scan(row_filter="symbol == 'BTC_USD'").to_arrow().num_rows
print(rows, "filtered:", filtered)
assert rows == {"trade_id": [1, 2], "symbol": [None, None]}
assert filtered == 0
PYTHON
