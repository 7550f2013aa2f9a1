#!/bin/sh
# confluent-kafka 2.16.1 for Python: its AvroDeserializer refuses a record of less than six bytes that its own
# AvroSerializer wrote with header_schema_id_serializer. It demands the length of a prefix of magic byte
# and id before it looks whether the schema is named in the header, where no prefix is.
#
# Expected: {"bid": "1", "ask": "2"} comes back: four bytes of Avro, and the GUID in __value_schema_id.
# Seen: SerializationError, "Expecting data framing of length 6 bytes or more but total data size is 4
# bytes. This message was not produced with a Confluent Schema Registry serializer". From six bytes on,
# records come back.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check "confluent-kafka[avro,schemaregistry]==2.16.1"
cd "$work"
"$work/venv/bin/python" - <<'PYTHON'
import json

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient, header_schema_id_serializer
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext, SerializationError

FIELDS = [{"name": name, "type": "string"} for name in ("bid", "ask")]
QUOTE = json.dumps({"type": "record", "name": "Quote", "fields": FIELDS})
TOPIC_SUBJECT = {"subject.name.strategy.type": "TOPIC"}
IN_HEADER = {"auto.register.schemas": False, "schema.id.serializer": header_schema_id_serializer}

registry = SchemaRegistryClient.new_client({"url": "mock://quotes"})
registry.register_schema("quotes-value", Schema(QUOTE, "AVRO"))
serialize = AvroSerializer(registry, QUOTE, conf=TOPIC_SUBJECT | IN_HEADER)
deserialize = AvroDeserializer(registry, conf=TOPIC_SUBJECT)


def there_and_back(quote):
    context = SerializationContext("quotes", MessageField.VALUE, [])
    value = serialize(quote, context)
    try:
        back = deserialize(value, context)
    except SerializationError as error:
        back = error
    print(f"{len(value)} bytes: {back}")
    return back


assert "length 6 bytes or more" in str(there_and_back({"bid": "1", "ask": "2"}))
long_enough = {"bid": "10", "ask": "20"}
assert there_and_back(long_enough) == long_enough
PYTHON
