#!/bin/sh
# avro 1.12.2, Apache's own package for Python, writes the digits of a Decimal as they are and not at the
# scale of the schema. fastavro 1.13.1 brings them to that scale first.
#
# Expected: 105433.6 comes back as 105433.6 from decimal(28,10), or is refused.
# Seen: it comes back as 0.0001054336, in avro and in every other reader. 105433.6000000000 survives.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check avro==1.12.2 fastavro==1.13.1
cd "$work"
"$work/venv/bin/python" - <<'PYTHON'
import io
import json
from decimal import Decimal

import avro.io
import avro.schema
import fastavro

DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 28, "scale": 10}
RECORD = {"type": "record", "name": "T", "fields": [{"name": "price", "type": DECIMAL}]}


def by_avro(price):
    out = io.BytesIO()
    avro.io.DatumWriter(avro.schema.parse(json.dumps(RECORD))).write({"price": price}, avro.io.BinaryEncoder(out))
    return out.getvalue()


def by_fastavro(price):
    out = io.BytesIO()
    fastavro.schemaless_writer(out, RECORD, {"price": price})
    return out.getvalue()


def read(value):
    return fastavro.schemaless_reader(io.BytesIO(value), RECORD, RECORD)["price"]


short, padded = Decimal("105433.6"), Decimal("105433.6000000000")
print("avro:", read(by_avro(short)), "padded:", read(by_avro(padded)), "fastavro:", read(by_fastavro(short)))
assert read(by_avro(short)) == Decimal("0.0001054336")
assert read(by_avro(padded)) == short
assert read(by_fastavro(short)) == short
PYTHON
