#!/bin/sh
# PyIceberg 0.12.0, over data files that lack the column they are partitioned by, as Hive's do: the
# format takes its value from the manifest. A scan with a filter on that column finds no row unless
# the column is among the selected ones.
#
# Expected: the filter and the selection do not depend on each other, as for columns in the files.
# Seen: 2 rows with both columns selected, and by count(); 0 rows, without a word, with the other alone.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check \
    "pyiceberg[sql-sqlite]==0.12.0" pyarrow==26.0.1
cd "$work"
"$work/venv/bin/python" - <<'PYTHON'
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform
from pyiceberg.typedef import Record
from pyiceberg.types import LongType, NestedField, StringType

here = Path.cwd()
catalog = SqlCatalog("c", uri=f"sqlite:///{here}/c.db", warehouse=f"file://{here}/w")
catalog.create_namespace("n")
schema = Schema(
    NestedField(1, "id", LongType(), required=False),
    NestedField(2, "pair", StringType(), required=False),
)
by_pair = PartitionSpec(PartitionField(2, 1000, IdentityTransform(), "pair"))
table = catalog.create_table("n.t", schema, partition_spec=by_pair)

of_field = pa.schema([pa.field("id", pa.int64(), metadata={"PARQUET:field_id": "1"})])
pq.write_table(pa.table({"id": [1, 2]}, schema=of_field), here / "btc.parquet")
entry = DataFile.from_args(
    content=DataFileContent.DATA,
    file_path=f"file://{here}/btc.parquet",
    file_format=FileFormat.PARQUET,
    partition=Record("BTC"),
    record_count=2,
    file_size_in_bytes=(here / "btc.parquet").stat().st_size,
    sort_order_id=None,
    spec_id=table.spec().spec_id,
    equality_ids=None,
    key_metadata=None,
    column_sizes={},
    value_counts={},
    null_value_counts={},
    nan_value_counts={},
    lower_bounds={},
    upper_bounds={},
    split_offsets=None,
)
with table.transaction() as transaction, transaction.update_snapshot().fast_append() as append:
    append.append_data_file(entry)

FILTER = "pair == 'BTC'"
both = table.scan(FILTER).to_arrow().to_pydict()
alone = table.scan(FILTER, selected_fields=("id",)).to_arrow().to_pydict()
print("both columns:", both, "count:", table.scan(FILTER).count(), "id alone:", alone)
assert both == {"id": [1, 2], "pair": ["BTC", "BTC"]}
assert table.scan(FILTER).count() == 2
assert alone == {"id": []}, "the rows are found now"
PYTHON
