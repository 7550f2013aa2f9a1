#!/bin/sh
# confluent-kafka 2.16.1 for Python and @confluentinc/schemaregistry 1.10.1 for JavaScript: where two headers
# __value_schema_id name a schema, Python reads the record by the first, JavaScript by the last. Python's own
# header_schema_id_serializer makes such records: it appends to a list of headers that has one already,
# so that a program which passes on the headers that it received sends the old name before the new one.
#
# Expected: a record that a program read, changed and wrote by a newer schema comes back as written.
# Seen: Python reads it by the schema of the record that the headers came from. Here bid and ask
# are swapped, without an error; JavaScript reads the same bytes right. A dict of headers has no
# such fault, since its entry is replaced. Needs node and npm.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check "confluent-kafka[avro,schemaregistry]==2.16.1"
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @confluentinc/schemaregistry@1.10.1 >/dev/null
cat > read.js <<'JAVASCRIPT'
const { AvroDeserializer, SerdeType } = require('@confluentinc/schemaregistry');

const { schemas, value, headers } = JSON.parse(process.argv[2]);
const registry = { config: () => ({}), getByGuid: async (guid) => ({ schema: schemas[guid] }) };
const deserializer = new AvroDeserializer(registry, SerdeType.VALUE, { subjectNameStrategyType: 'TOPIC' });
const named = { __value_schema_id: headers.map((hex) => Buffer.from(hex, 'hex')) };
deserializer
    .deserialize('quotes', Buffer.from(value, 'hex'), named)
    .then((quote) => console.log(JSON.stringify(quote)));
JAVASCRIPT
"$work/venv/bin/python" - <<'PYTHON'
import json
import subprocess

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient, header_schema_id_serializer
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

TOPIC_SUBJECT = {"subject.name.strategy.type": "TOPIC"}
IN_HEADER = {"auto.register.schemas": False, "schema.id.serializer": header_schema_id_serializer}


def quote(*names):
    fields = [{"name": name, "type": "string"} for name in names]
    return json.dumps({"type": "record", "name": "Quote", "fields": fields})


OLD, NEW = quote("bid", "ask"), quote("ask", "bid")
registry = SchemaRegistryClient.new_client({"url": "mock://quotes"})
guids = [
    registry.register_schema_full_response("quotes-value", Schema(text, "AVRO")).guid
    for text in (OLD, NEW)
]
deserialize = AvroDeserializer(registry, conf=TOPIC_SUBJECT)


def written(text, fields, headers):
    serialize = AvroSerializer(registry, text, conf=TOPIC_SUBJECT | IN_HEADER)
    return serialize(fields, SerializationContext("quotes", MessageField.VALUE, headers))


def by_python(value, headers):
    return deserialize(value, SerializationContext("quotes", MessageField.VALUE, headers))


def by_javascript(value, headers):
    names = [content.hex() for _, content in headers]
    record = {"schemas": dict(zip(guids, (OLD, NEW))), "value": value.hex(), "headers": names}
    return json.loads(subprocess.check_output(["node", "read.js", json.dumps(record)]))


headers = []
received = by_python(written(OLD, {"bid": "99.98", "ask": "100.02"}, headers), headers)
value = written(NEW, received, headers)  # passed on with the headers that it came with
print(len(headers), "headers; written:", received)
print("Python:", by_python(value, headers), "JavaScript:", by_javascript(value, headers))
assert len(headers) == 2
assert by_python(value, headers) == {"bid": "100.02", "ask": "99.98"}
assert by_javascript(value, headers) == by_python(value, headers[1:]) == received
PYTHON
