import io
from decimal import Decimal
from typing import Any

import fastavro
import pytest

from schemas.errors import CatalogueError
from schemas.releases.samples import field_values, sample_records

EVERYTHING = {
    "type": "record",
    "name": "Everything",
    "fields": [
        {"name": "optional", "type": ["null", "string"]},
        {"name": "list", "type": {"type": "array", "items": "int"}},
        {"name": "lookup", "type": {"type": "map", "values": "boolean"}},
        {"name": "flag", "type": "boolean"},
        {"name": "ratio", "type": "double"},
        {"name": "raw", "type": "bytes"},
        {"name": "letter", "type": {"type": "enum", "name": "Letter", "symbols": ["A", "B"]}},
        {
            "name": "inner",
            "type": {
                "type": "record",
                "name": "Inner",
                "fields": [
                    {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}}
                ],
            },
        },
    ],
}


def test_every_sample_is_a_record_of_its_schema() -> None:
    """Each sample can be written and comes back as it is."""
    for name, sample in sample_records(EVERYTHING):
        buffer = io.BytesIO()
        fastavro.schemaless_writer(buffer, EVERYTHING, sample)
        buffer.seek(0)
        read: Any = fastavro.schemaless_reader(buffer, EVERYTHING, None)
        assert read == sample, name


def test_names_are_unique() -> None:
    """A sample that fails somewhere can be identified by its name."""
    names = [name for name, _ in sample_records(EVERYTHING)]
    assert len(names) == len(set(names))


def test_decimals_go_to_the_largest_of_their_precision() -> None:
    """Plus and minus the largest unscaled number are among the samples."""
    values = field_values({"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 1})
    assert {Decimal("999.9"), Decimal("-999.9"), Decimal("0.1")} <= set(values)


@pytest.mark.parametrize(
    "unknown", ["Reference", {"type": "int", "logicalType": "time-millis"}, {"type": "duration"}]
)
def test_a_type_that_nothing_is_known_about_is_named(unknown: object) -> None:
    """A new kind of type is an error that says where its samples belong."""
    with pytest.raises(CatalogueError, match="add some here"):
        field_values(unknown)
