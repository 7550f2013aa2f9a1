"""The AsyncAPI 3.0 document of the platform's topics: keys, headers, schemas.

Avro schemas are multi-format schemas (`schemaFormat: application/vnd.apache.avro;version=1.9.0`),
and what concerns Kafka is in Kafka's bindings 0.5.0.
"""

from typing import Any

from schemas.catalogue import Catalogue, Contract, SchemaVersion
from schemas.documents.examples import load_example
from schemas.documents.topics import JSON_TYPES, TOPICS, TopicDoc

__all__ = ["asyncapi_document"]

_AVRO = "application/vnd.apache.avro;version=1.9.0"
_BINDINGS = "0.5.0"

Document = dict[str, Any]


def asyncapi_document(catalogue: Catalogue, topic: str) -> Document:
    """Return the document as JSON.

    Args:
        catalogue: The records to describe.
        topic: The topic of the trades, KAFKA_TOPIC.

    Raises:
        CatalogueError: A record has no example.
    """
    contracts = {contract.record: contract for contract in catalogue}
    channels: Document = {}
    messages: Document = {}
    operations: Document = {}
    for doc in TOPICS:
        own = _messages(doc, contracts.get(doc.record), topic)
        messages |= own
        channels[doc.role] = _channel(doc, topic, list(own))
        operations |= _operations(doc, list(own))
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "kraken-lake",
            "version": f"{contracts['trade'].newest.version}.0.0",
            "description": "Every trade of a Kraken pair as a schema-governed Avro event in Kafka. "
            "Made by `kraken-lake schemas docs` from `schemas/`.",
            "license": {"name": "MIT"},
        },
        "servers": {"kafka": _server()},
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages},
    }


def _server() -> Document:
    return {
        "host": "localhost:9092",
        "protocol": "kafka",
        "description": "KAFKA_BOOTSTRAP_SERVERS and SCHEMA_REGISTRY_URL name another.",
        "bindings": {
            "kafka": {
                "schemaRegistryUrl": "http://localhost:8081",
                "schemaRegistryVendor": "confluent",
                "bindingVersion": _BINDINGS,
            }
        },
    }


def _channel(doc: TopicDoc, topic: str, messages: list[str]) -> Document:
    configuration = {"cleanup.policy": [doc.cleanup]}
    return {
        "address": doc.name(topic),
        "description": doc.summary,
        "servers": [{"$ref": "#/servers/kafka"}],
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {
            "kafka": {"topicConfiguration": configuration, "bindingVersion": _BINDINGS},
        },
    }


def _operations(doc: TopicDoc, messages: list[str]) -> Document:
    """Return who does what: the producer writes the newest version, readers find all."""
    channel = f"#/channels/{doc.role}"

    def operation(action: str, names: list[str], summary: str) -> Document:
        return {
            "action": action,
            "channel": {"$ref": channel},
            "summary": summary,
            "messages": [{"$ref": f"{channel}/messages/{name}"} for name in names],
        }

    title = "".join(part.capitalize() for part in doc.role.split("_"))
    return {
        f"write{title}": operation("send", messages[-1:], "What the producer writes."),
        f"read{title}": operation("receive", messages, "What a reader finds."),
    }


def _messages(doc: TopicDoc, contract: Contract | None, topic: str) -> Document:
    if contract is None:
        return {doc.role: _json_message(doc)}
    return {
        f"{contract.record}V{version.version}": _avro_message(doc, contract, version, topic)
        for version in contract.versions
    }


def _avro_message(
    doc: TopicDoc, contract: Contract, version: SchemaVersion, topic: str
) -> Document:
    binding = {
        **_key(doc),
        "schemaIdLocation": "payload",
        "schemaIdPayloadEncoding": "confluent",
        "schemaLookupStrategy": "TopicNameStrategy",
        "bindingVersion": _BINDINGS,
    }
    fields = {field["name"] for field in version.parsed["fields"]}
    example = {name: value for name, value in load_example(contract).items() if name in fields}
    return {
        **_head(doc, str(version)),
        "summary": f"{version.parsed['doc']} Subject {contract.subject(topic)}.",
        "contentType": "application/vnd.apache.avro",
        "payload": {"schemaFormat": _AVRO, "schema": version.parsed},
        "bindings": {"kafka": binding},
        "examples": [{"name": str(version), "payload": example}],
    }


def _json_message(doc: TopicDoc) -> Document:
    properties = {
        name: {"description": meaning, "type": JSON_TYPES.get(name, "string")}
        for name, meaning in doc.fields.items()
    }
    payload: Document = {"type": "object", "properties": properties} if properties else {}
    payload |= {"description": doc.summary}
    return {
        **_head(doc, doc.role),
        "summary": doc.summary,
        "contentType": "application/json",
        "payload": payload,
        "bindings": {"kafka": {**_key(doc), "bindingVersion": _BINDINGS}},
    }


def _head(doc: TopicDoc, name: str) -> Document:
    head: Document = {"name": name, "title": name}
    if doc.headers:
        properties = {
            header: {"type": "string", "description": meaning}
            for header, meaning in doc.headers.items()
        }
        head["headers"] = {"type": "object", "properties": properties}
    return head


def _key(doc: TopicDoc) -> Document:
    return {"key": {"type": "string", "description": doc.key, "examples": [doc.key_example]}}
