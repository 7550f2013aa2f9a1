import enum
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from schemas.releases.golden import plain


class Letter(enum.StrEnum):
    """An enum as event models have them."""

    A = "A"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("1.50"), "1.5"),
        (Decimal("1E+3"), "1000"),
        (Decimal(100), "100"),
        (Decimal("0E-10"), "0"),
        (Decimal("-1E-10"), "-0.0000000001"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00.000000+00:00"),
        (b"\x00\xff", "00ff"),
        (Letter.A, "A"),
        ({"a": [Decimal(1), None, True, 7]}, {"a": ["1", None, True, 7]}),
    ],
)
def test_plain_is_exact_and_the_same_for_equals(value: object, expected: object) -> None:
    """Every value has one JSON form, whatever zeros its reader put behind it."""
    assert plain(value) == expected
