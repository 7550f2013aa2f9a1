#!/bin/sh
# PyIceberg 0.12.0: a scan reads the manifests that list deleted files alone. That there is no live file in
# them stands in the manifest list, which the scan has read before.
#
# Expected: a manifest with 0 added and 0 existing files is left out, as Iceberg's Java planner leaves it
# out. The next commit drops it from the list; until then every plan fetches it and decodes each entry.
# Seen: 300 files that were deleted, beside one that stays, are 300 entries in a manifest that planning opens.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'pyiceberg[sql-sqlite,pyarrow]==0.12.0' pyarrow==26.0.1
cd "$work"
cat > watching.py <<'PYTHON'
from pyiceberg.io.pyarrow import PyArrowFileIO

opened = []


class WatchingFileIO(PyArrowFileIO):
    def new_input(self, location):
        opened.append(location)
        return super().new_input(location)
PYTHON
"$work/venv/bin/python" - <<'PYTHON'
import os

import pyarrow as pa
import pyarrow.parquet as pq
import watching
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.schema import Schema
from pyiceberg.types import LongType, NestedField

catalog = SqlCatalog(
    "local",
    uri="sqlite:///catalog.db",
    warehouse=f"file://{os.getcwd()}/warehouse",
    **{"py-io-impl": "watching.WatchingFileIO"},
)
catalog.create_namespace("lake")
table = catalog.create_table("lake.trades", Schema(NestedField(1, "trade_id", LongType())))
files = []
for number in range(300):
    files.append(f"{os.getcwd()}/part-{number}.parquet")
    pq.write_table(pa.table({"trade_id": pa.array([number], pa.int64())}), files[-1])
table.add_files(files)
table.append(pa.table({"trade_id": pa.array([1000], pa.int64())}))
table.delete("trade_id < 1000")

manifests = table.current_snapshot().manifests(table.io)
dead = [
    one.manifest_path
    for one in manifests
    if one.deleted_files_count and not one.has_added_files() and not one.has_existing_files()
]
watching.opened.clear()
planned = list(table.scan().plan_files())
read = [path for path in dead if path in watching.opened]
print("files to read:", len(planned), "- manifests without a live file:", len(dead), "of which opened:", len(read))
assert len(planned) == 1
assert len(dead) == len(read) == 1

table.append(pa.table({"trade_id": pa.array([1001], pa.int64())}))
assert not {one.manifest_path for one in table.current_snapshot().manifests(table.io)} & set(dead)
PYTHON
