import json
from typing import Any

import fastavro
import pytest

from schemas.avro.references import inlined

SIDE = {"type": "enum", "name": "Side", "namespace": "marketdata", "symbols": ["BUY", "SELL"]}
LEG = {
    "type": "record",
    "name": "Leg",
    "namespace": "other",
    "fields": [
        {"name": "side", "type": "marketdata.Side"},
        {"name": "inner", "type": {"type": "fixed", "name": "Tag", "size": 2}},
    ],
}
NOWHERE = {"type": "enum", "name": "Kind", "symbols": ["SPOT"]}


def record(*types: Any) -> str:
    """A record of namespace `marketdata` with fields of these types."""
    fields = [{"name": f"f{at}", "type": kind} for at, kind in enumerate(types)]
    return json.dumps(
        {"type": "record", "name": "Trade", "namespace": "marketdata", "fields": fields}
    )


@pytest.mark.parametrize(
    ("text", "referenced", "value"),
    [
        pytest.param(record("Side"), [SIDE], {"f0": "BUY"}, id="by its short name"),
        pytest.param(record("marketdata.Side"), [SIDE], {"f0": "BUY"}, id="by its full name"),
        pytest.param(
            record(["null", "Side"], "Side"), [SIDE], {"f0": None, "f1": "SELL"}, id="used twice"
        ),
        pytest.param(
            record("other.Leg", "Side", "other.Tag"),
            [LEG, SIDE],
            {"f0": {"side": "BUY", "inner": b"ab"}, "f1": "BUY", "f2": b"cd"},
            id="a reference of a reference, and a type within one",
        ),
        pytest.param(
            record("Side", {"type": "array", "items": "other.Leg"}),
            [SIDE, LEG],
            {"f0": "BUY", "f1": [{"side": "SELL", "inner": b"ab"}]},
            id="defined before it is needed again, in an array",
        ),
        pytest.param(
            record({"type": "map", "values": "Kind"}),
            [NOWHERE],
            {"f0": {"a": "SPOT"}},
            id="a type without a namespace, in a map",
        ),
    ],
)
def test_references_become_one_text(text: str, referenced: list[Any], value: Any) -> None:
    """A parser that knows of no references reads and writes by it."""
    schema = fastavro.parse_schema(json.loads(inlined(text, map(json.dumps, referenced))))
    fastavro.validation.validate(value, schema)


def test_a_text_without_references_says_the_same() -> None:
    """Nothing is added, and an undefined name is left for the parser to report."""
    text = record("string", {"type": "long", "logicalType": "timestamp-micros"}, "Unheard")
    assert json.loads(inlined(text, [])) == json.loads(text)
