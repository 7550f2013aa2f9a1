#!/bin/sh
# confluent-kafka 2.16.1 for Python (with fastavro 1.13.1) and Confluent's own KafkaAvroSerializer 7.9.5 for Java
# (as pinot-confluent-avro 1.5.0 contains it): a decimal whose unscaled number is -128, -32768 or another
# -2^(8n-1) has one byte more from Python than from Java. All other numbers have the same bytes.
#
# Expected: one schema, one id and one value give one payload, whichever of the two clients writes it.
# Seen: ff80 from Python, 80 from Java for -1.28. Each client reads both, as Avro asks for no shortest form. But
# whoever compares payloads, by a hash or to find repeated records, takes them for different ones.
# Needs mvn and a JDK as java.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check \
    "confluent-kafka[avro,schemaregistry]==2.16.1" fastavro==1.13.1
cd "$work"
mvn --quiet --batch-mode dependency:copy -Dartifact=org.apache.pinot:pinot-confluent-avro:1.5.0:jar:shaded \
    -DoutputDirectory=. >/dev/null
mvn --quiet --batch-mode dependency:copy -Dartifact=org.slf4j:slf4j-nop:2.0.17 -DoutputDirectory=. >/dev/null
mvn --quiet --batch-mode dependency:copy -Dartifact=org.slf4j:slf4j-api:2.0.17 -DoutputDirectory=. >/dev/null
cat >Write.java <<'JAVA'
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.math.BigDecimal;
import java.util.HexFormat;
import java.util.Map;
import org.apache.avro.generic.GenericRecordBuilder;

class Write {
    public static void main(String[] given) throws Exception {
        var schema = new AvroSchema(given[0]);
        var registry = new MockSchemaRegistryClient();
        registry.register("balances-value", schema);
        var settings = Map.of(
            "schema.registry.url", "mock://balances",
            "auto.register.schemas", "false",
            "avro.use.logical.type.converters", "true");
        var serializer = new KafkaAvroSerializer(registry, settings);
        for (int at = 1; at < given.length; at++) {
            var record = new GenericRecordBuilder(schema.rawSchema()).set("amount", new BigDecimal(given[at])).build();
            System.out.println(HexFormat.of().formatHex(serializer.serialize("balances", record)));
        }
    }
}
JAVA
"$work/venv/bin/python" - <<'PYTHON'
import json
import subprocess
import sys
from decimal import Decimal

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

AMOUNT = {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2}
TEXT = json.dumps({"type": "record", "name": "Balance", "fields": [{"name": "amount", "type": AMOUNT}]})
NUMBERS = ["1.28", "1.27", "-1.27", "-1.28", "-1.29", "-327.68", "-327.69"]
CONF = {"auto.register.schemas": False, "subject.name.strategy.type": "TOPIC"}
context = SerializationContext("balances", MessageField.VALUE)
registry = SchemaRegistryClient.new_client({"url": "mock://balances"})
registry.register_schema("balances-value", Schema(TEXT, "AVRO"))
write = AvroSerializer(registry, TEXT, conf=CONF)
read = AvroDeserializer(registry, conf={"subject.name.strategy.type": "TOPIC"})
by_python = [write({"amount": Decimal(number)}, context) for number in NUMBERS]
archives = "pinot-confluent-avro-1.5.0-shaded.jar:slf4j-api-2.0.17.jar:slf4j-nop-2.0.17.jar"
printed = subprocess.run(
    ["java", "-cp", archives, "Write.java", TEXT, *NUMBERS], check=True, capture_output=True, text=True
).stdout
by_java = [bytes.fromhex(line) for line in printed.split()]
differ = []
for number, python, java in zip(NUMBERS, by_python, by_java, strict=True):
    print(f"{number:>8}: {python[6:].hex():>6} by Python, {java[6:].hex():>6} by Java")
    assert read(python, context) == read(java, context) == {"amount": Decimal(number)}
    if python != java:
        differ.append(number)
sys.exit(differ != ["-1.28", "-327.68"])
PYTHON
