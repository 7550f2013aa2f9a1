"""The data dictionary: every field of every record in Markdown, made from the catalogue alone."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from schemas.catalogue import Catalogue, Contract
from schemas.documents.examples import load_example
from schemas.registry.published_rules import cel, inexpressible
from schemas.rules import Rule, rules_of

__all__ = ["data_dictionary", "since_version", "type_name"]

_HEAD = """# Data dictionary

Made by `kraken-lake schemas docs` from `schemas/`, and compared with it by a test. Do not edit.
"""


def data_dictionary(catalogue: Catalogue, topic: str) -> str:
    """Return the document.

    Args:
        catalogue: The records to describe.
        topic: The topic of the trades, KAFKA_TOPIC.

    Raises:
        CatalogueError: A record has no example, or its rules are not valid.
    """
    parts = [_HEAD]
    for name, contract in catalogue.topics(topic).items():
        parts += _record(name, contract)
    return "\n".join(parts)


def type_name(schema: Any) -> str:  # noqa: ANN401, PLR0911 - Avro's JSON; one answer a kind
    """Return a type as a reader would say it: `decimal(28,10)`, `enum BUY, SELL`, `string`."""
    match schema:
        case str():
            return schema
        case list():
            return " or ".join(type_name(branch) for branch in schema)
        case {"logicalType": "decimal", "precision": precision}:
            return f"decimal({precision},{schema.get('scale', 0)})"
        case {"logicalType": str(kind)}:
            return kind
        case {"type": "enum", "symbols": symbols}:
            return f"enum {', '.join(symbols)}"
        case {"type": "array", "items": items}:
            return f"array of {type_name(items)}"
        case {"type": "map", "values": values}:
            return f"map of {type_name(values)}"
        case {"type": "record" | "fixed", "name": name}:
            return str(name)
        case {"type": inner}:
            return type_name(inner)
    return "?"


def since_version(contract: Contract, field: str) -> int:
    """Return the first version that has a field."""
    return next(
        version.version
        for version in contract.versions
        if field in {one["name"] for one in version.parsed["fields"]}
    )


def _record(topic: str, contract: Contract) -> Iterator[str]:
    newest, rules = contract.newest, rules_of(contract.record)
    yield f"## {newest.parsed['namespace']}.{newest.parsed['name']}\n"
    yield f"{newest.parsed['doc']}\n"
    yield (
        f"Topic `{topic}`, subject `{contract.subject(topic)}`, compatibility {contract.mode}, "
        f"newest version v{newest.version}.\n"
    )
    yield from _fields(contract, rules)
    if rules:
        yield from _rules(contract, rules)


def _fields(contract: Contract, rules: Sequence[Rule]) -> Iterator[str]:
    example = load_example(contract)
    yield "| field | type | since | default | meaning | rules | example |"
    yield "|---|---|---|---|---|---|---|"
    for field in contract.newest.parsed["fields"]:
        name = field["name"]
        default = f"`{json.dumps(field['default'])}`" if "default" in field else ""
        named = ", ".join(f"`{rule.name}`" for rule in rules if rule.field == name)
        cells = (
            f"`{name}`",
            type_name(field["type"]),
            f"v{since_version(contract, name)}",
            default,
            field["doc"],
            named,
            f"`{json.dumps(example[name], ensure_ascii=False)}`",
        )
        yield f"| {' | '.join(_cell(cell) for cell in cells)} |"
    yield ""


def _rules(contract: Contract, rules: Sequence[Rule]) -> Iterator[str]:
    missing = inexpressible(contract, rules)
    yield "### Rules\n"
    yield (
        "The stream puts a record that breaks one into quarantine. Those with a condition in CEL "
        "are published with the schema, where the registry keeps rules, and bind every producer "
        "that uses Confluent's serializers with `use.latest.version`.\n"
    )
    yield "| rule | condition | why | in CEL |"
    yield "|---|---|---|---|"
    for rule in rules:
        said = cel(rule, contract)
        shown = f"`{said}`" if said else f"no: {missing[rule.name]}"
        cells = (f"`{rule.name}`", f"`{rule.sql}`", rule.doc, shown)
        yield f"| {' | '.join(_cell(cell) for cell in cells)} |"
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
