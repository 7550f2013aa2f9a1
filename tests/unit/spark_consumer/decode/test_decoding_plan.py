import json

from schemas.catalogue import Contract, SchemaVersion
from schemas.registry.reader_choice import Reader
from schemas.registry.registered import RegisteredVersion
from spark_consumer.decode.decoding_plan import make_plan


def text(*fields: dict[str, object]) -> str:
    """A record's schema with optional text fields."""
    declared = [{"type": "string", "default": "", **field} for field in fields]
    return json.dumps({"type": "record", "name": "R", "fields": declared})


def test_a_renamed_field_is_not_left_out() -> None:
    """A reader finds it under its alias; a field that the reader does not have is left out."""
    before, lacking = text({"name": "misc"}), text({"name": "misc"}, {"name": "note"})
    reader = text({"name": "remark", "aliases": ["misc"]})
    contract = Contract("r", "FULL_TRANSITIVE", (SchemaVersion("r", 1, before),))
    held = [
        RegisteredVersion("s", number, number, one)
        for number, one in enumerate((before, lacking), start=1)
    ]
    plan = make_plan(held, contract, Reader("r v2", reader), frozenset(), {})
    assert plan.left_out == {2: ("note",)}
