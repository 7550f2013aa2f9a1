#!/bin/sh
# deltalake 1.6.6 writes the bounds of a decimal column into the log as JSON numbers with the digits
# of a double. A value of 18 digits then lies outside its own file's bounds, and every reader that
# skips files by them skips the one that holds the row.
#
# Expected: a filter for a price that was just written finds its row.
# Seen: 75624738.1085762037 is logged with minimum and maximum 75624738.10857621, and the filter finds
# no row in deltalake's own SQL, its pyarrow data set, or Polars 2.1.0. Without the filter it is there.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check deltalake==1.6.6 pyarrow==26.0.1 polars==2.1.0
cd "$work"
"$work/venv/bin/python" - <<'PYTHON'
import json
from decimal import Decimal
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import DeltaTable, QueryBuilder, write_deltalake

PRICE = Decimal("75624738.1085762037")
KIND = pa.decimal128(28, 10)

write_deltalake("table", pa.table({"price": pa.array([PRICE], KIND)}))
log = Path("table/_delta_log/00000000000000000000.json").read_text()
add = next(json.loads(line)["add"] for line in log.splitlines() if "\"add\"" in line)
bounds = json.loads(add["stats"], parse_float=str)
print("bounds in the log:", bounds["minValues"]["price"], bounds["maxValues"]["price"])

table = DeltaTable("table")
query = f"SELECT count(*) AS n FROM t WHERE price = CAST({str(PRICE)!r} AS DECIMAL(28, 10))"
found = {
    "all rows": pl.scan_delta("table").collect().height,
    "deltalake SQL": pa.table(QueryBuilder().register("t", table).execute(query).read_all())["n"][0].as_py(),
    "pyarrow": table.to_pyarrow_dataset().to_table(filter=ds.field("price") == pa.scalar(PRICE, KIND)).num_rows,
    "polars": pl.scan_delta("table").filter(pl.col("price") == PRICE).collect().height,
}
print("rows found:", found)
assert found == {"all rows": 1, "deltalake SQL": 0, "pyarrow": 0, "polars": 0}
PYTHON
