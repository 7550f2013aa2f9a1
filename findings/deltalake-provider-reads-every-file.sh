#!/bin/sh
# deltalake 1.6.6 in DataFusion 55.0.0: a DeltaTable that is registered as a table reads every file for
# every query. No filter reaches it, neither on a partition column nor on one with bounds in the log.
#
# Expected: a filter on the partition column reads the files of that partition, as deltalake's own
# QueryBuilder and its pyarrow data set do.
# Seen: with the other partition's file damaged, both of those answer, and the registered table fails.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check \
    deltalake==1.6.6 datafusion==55.0.0 pyarrow==26.0.1
cd "$work"
"$work/venv/bin/python" - <<'PYTHON'
from pathlib import Path

import datafusion
import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder, write_deltalake

write_deltalake("t", pa.table({"id": [1, 2], "pair": ["BTC", "ETH"]}), partition_by=["pair"])
(other,) = Path("t/pair=ETH").iterdir()
other.write_bytes(b"\xff" * other.stat().st_size)
SQL = "SELECT id FROM t WHERE pair = 'BTC'"


def by_query_builder():
    return pa.table(QueryBuilder().register("t", DeltaTable("t")).execute(SQL).read_all())["id"].to_pylist()


def by_data_set():
    context = datafusion.SessionContext()
    context.register_dataset("t", DeltaTable("t").to_pyarrow_dataset())
    return context.sql(SQL).to_pydict()["id"]


def by_provider():
    context = datafusion.SessionContext()
    context.register_table("t", DeltaTable("t"))
    return context.sql(SQL).to_pydict()["id"]


print("QueryBuilder:", by_query_builder(), "data set:", by_data_set())
assert by_query_builder() == by_data_set() == [1]
try:
    print("registered table:", by_provider())
except Exception as error:
    print("registered table:", error)
    assert "parquet" in str(error).lower()
else:
    raise SystemExit("files are left out now")
PYTHON
