import pytest

from producer.model.starting_point import first_since


@pytest.mark.parametrize(
    ("start_from", "since"),
    [
        ("now", None),
        ("beginning", "0"),
        ("1970-01-01T00:00:00Z", "0"),
        ("2026-01-30T18:00:00Z", "1769795999999999999"),
        ("2026-01-30T19:00:00.123456+01:00", "1769796000123455999"),
    ],
)
def test_the_first_cursor_is_just_before_the_time_asked_for(
    start_from: str, since: str | None
) -> None:
    """A trade at that very time is recorded; the newest page needs no cursor at all."""
    assert first_since(start_from) == since


@pytest.mark.parametrize("start_from", ["", "yesterday", "2026-01-30T18:00:00", "NOW"])
def test_anything_else_is_reported(start_from: str) -> None:
    """A time without a zone would mean another hour on another machine."""
    with pytest.raises(ValueError, match="with its zone"):
        first_since(start_from)
