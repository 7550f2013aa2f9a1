"""The documents that are made from the catalogue."""

import json
import re
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastavro
import pytest
from typer.testing import CliRunner

from runtime.topics import TopicNames
from schemas.__main__ import app
from schemas.catalogue import Contract, load_catalogue
from schemas.documents.dictionary import since_version, type_name
from schemas.documents.examples import load_example
from schemas.documents.generated import DOCS_FOLDER, documents, write_documents
from schemas.documents.topics import TOPICS
from schemas.releases.golden import encode
from schemas.rules import rules_of
from tests.broken_rules import broken_rules
from tests.engine import ROOT

CATALOGUE = load_catalogue()


def example_values(contract: Contract, example: dict[str, Any]) -> dict[str, Any]:
    """The example with the types that Avro libraries take: Decimal, aware datetime."""
    return {
        field["name"]: _value(field["type"], example[field["name"]])
        for field in contract.newest.parsed["fields"]
    }


def _value(schema: Any, text: Any) -> Any:
    match schema:
        case {"logicalType": "decimal"}:
            return Decimal(text)
        case {"logicalType": str(kind)} if kind.startswith("timestamp"):
            return datetime.fromisoformat(text)
        case _:
            return text


@pytest.mark.parametrize("name", sorted(documents(CATALOGUE)))
def test_a_document_is_what_the_catalogue_says(name: str) -> None:
    """A change of the catalogue is a change of the documents: `kraken-lake schemas docs`."""
    held = (DOCS_FOLDER / name).read_text(encoding="utf-8")
    assert held == documents(CATALOGUE)[name], "run: kraken-lake schemas docs"


def test_the_command_writes_once(tmp_path: Path) -> None:
    """The first run names what it wrote, the second has nothing to do."""
    command = ["docs", "--to", str(tmp_path / "docs")]
    first, second = CliRunner().invoke(app, command), CliRunner().invoke(app, command)
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.stdout.count("written: ") == len(documents(CATALOGUE))
    assert "nothing changed" in second.stdout
    assert write_documents(CATALOGUE, tmp_path / "docs") == []


@pytest.mark.parametrize("contract", list(CATALOGUE), ids=lambda contract: contract.record)
def test_an_example_is_a_record(contract: Contract) -> None:
    """It fits the newest version, comes back as it was, and breaks no rule."""
    values = example_values(contract, load_example(contract))
    assert encode(contract.newest, values)
    assert fastavro.validate(values, fastavro.parse_schema(contract.newest.parsed))
    timed = values | {"kafka_timestamp": values.get("ingested_at")}
    assert broken_rules(rules_of(contract.record), timed) == []


@pytest.mark.parametrize("contract", list(CATALOGUE), ids=lambda contract: contract.record)
def test_the_dictionary_has_every_field_and_rule(contract: Contract) -> None:
    """Each has its row, with its words."""
    text = documents(CATALOGUE)["data-dictionary.md"]
    for field in contract.newest.parsed["fields"]:
        assert f"| `{field['name']}` |" in text
        assert field["doc"] in text
    for rule in rules_of(contract.record):
        assert rule.doc in text


def test_a_field_is_dated() -> None:
    """By the first version that has it."""
    trade = CATALOGUE.trade
    assert (since_version(trade, "price"), since_version(trade, "feed")) == (1, 2)


@pytest.mark.parametrize(
    ("schema", "name"),
    [
        ("string", "string"),
        (
            {"type": "bytes", "logicalType": "decimal", "precision": 28, "scale": 10},
            "decimal(28,10)",
        ),
        ({"type": "long", "logicalType": "timestamp-micros"}, "timestamp-micros"),
        ({"type": "enum", "name": "S", "symbols": ["A", "B"]}, "enum A, B"),
        (["null", {"type": "array", "items": "int"}], "null or array of int"),
        ({"type": "map", "values": {"type": "long"}}, "map of long"),
        ({"type": "fixed", "name": "F", "size": 4}, "F"),
    ],
)
def test_types_are_named_as_one_says_them(schema: object, name: str) -> None:
    """Logical types by their name, with precision and scale."""
    assert type_name(schema) == name


def test_every_topic_is_described() -> None:
    """A topic that the platform has a name for has its channel, under that name."""
    names = TopicNames("t")
    named = {name for name, kind in vars(TopicNames).items() if isinstance(kind, property)}
    described = {doc.role: doc.name("t") for doc in TOPICS}
    for name in {"trades", *named}:
        assert described[name] == getattr(names, name)


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    """And the newest version of a record is what is written to its channel."""
    text = documents(CATALOGUE)["asyncapi.json"]
    document = json.loads(text)
    for pointer in re.findall(r'"\$ref": "#/([^"]+)"', text):
        node = document
        for part in pointer.split("/"):
            node = node[part]
    assert document["asyncapi"] == "3.0.0"
    assert document["channels"]["trades"]["address"] == "kraken.trades"
    written = document["operations"]["writeTrades"]["messages"]
    assert written == [
        {"$ref": f"#/channels/trades/messages/tradeV{CATALOGUE.trade.newest.version}"}
    ]
    for message in document["components"]["messages"].values():
        assert message["bindings"]["kafka"]["key"]["type"] == "string"


def test_the_asyncapi_document_has_the_types_that_the_producer_writes() -> None:
    """Of the JSON values, as tests/contract/formats holds them; capitals hide what differs."""
    messages = json.loads(documents(CATALOGUE)["asyncapi.json"])["components"]["messages"]
    recorded = json.loads(
        (ROOT / "tests" / "contract" / "formats" / "data" / "records.json").read_bytes()
    )
    kinds = {str: "string", int: "integer", bool: "boolean", list: "array", type(None): "null"}
    compared = set()
    for record in (one for part in recorded.values() for one in part):
        role = record["topic"].partition(".")[2].replace("-", "_")
        properties = messages.get(role, {}).get("payload", {}).get("properties", {})
        for name in properties.keys() & (record["value"] or {}):
            value, declared = record["value"][name], properties[name]["type"]
            if value not in ("PID", "TIME"):
                compared.add(role)
                assert kinds[type(value)] in declared, f"{role}: {name}"
    assert {"gaps", "pairs", "markets", "claims"} <= compared
