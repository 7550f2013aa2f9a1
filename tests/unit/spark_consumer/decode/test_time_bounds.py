"""Bounds for times that no rule is about."""

import json

from schemas.catalogue import load_catalogue
from schemas.rules import load_rules
from spark_consumer.decode.time_bounds import bounds_of_other_times

RULES = {rule.name: rule.sql for rule in load_rules("trade")}


def test_the_times_of_the_released_schemas_have_rules_of_their_own() -> None:
    """Nothing is asked twice of each record."""
    for version in load_catalogue().trade.versions:
        assert bounds_of_other_times(version.text, RULES) == {}


def test_a_time_that_a_later_version_brings_is_bounded() -> None:
    """Also one that may be null; what is no time is left alone."""
    moment = {"type": "long", "logicalType": "timestamp-micros"}
    fields = [
        {"name": "executed_at", "type": moment},
        {"name": "settled_at", "type": ["null", moment]},
        {"name": "note", "type": ["null", "string"]},
        {"name": "count", "type": "long"},
    ]
    schema = json.dumps({"type": "record", "name": "Trade", "fields": fields})
    bounds = bounds_of_other_times(schema, RULES)
    assert bounds == {
        "settled_at_in_bounds": (
            "(settled_at IS NULL OR (settled_at >= TIMESTAMP '0001-01-01 00:00:00Z' "
            "AND settled_at < TIMESTAMP '2262-01-01 00:00:00Z'))"
        )
    }
