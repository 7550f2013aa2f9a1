import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import StringIO

from rich.console import Console

from producer.cli.dead_letters import DeadLetter, read_dead_letters
from producer.cli.dead_letters_table import as_json, as_table

AT = 1_769_796_000_000


@dataclass
class FakeRecord:
    """A record of the topic, as confluent-kafka hands it over."""

    found_headers: list[tuple[str, bytes | None]] | None
    row: bytes | None = b"[1]"
    found_key: bytes | None = b"BTC/USD"
    milliseconds: int = AT
    seen: list[str] = field(default_factory=list)

    def key(self) -> bytes | None:
        """Its key."""
        return self.found_key

    def value(self) -> bytes | None:
        """Its value."""
        return self.row

    def headers(self) -> list[tuple[str, bytes | None]] | None:
        """Its headers."""
        return self.found_headers

    def timestamp(self) -> tuple[int, int]:
        """Its kind of time, and its time."""
        return 1, self.milliseconds


def letter(trade_id: bytes | None, reason: bytes = b"too few fields") -> FakeRecord:
    """One as `producer.kafka.records` writes it."""
    headers: list[tuple[str, bytes | None]] = [
        ("reason", reason),
        ("exchange", b"KRAKEN"),
        ("symbol", b"BTC/USD"),
    ]
    return FakeRecord(headers if trade_id is None else [*headers, ("trade_id", trade_id)])


def test_rows_are_read_as_they_were_written() -> None:
    """By id; each row without one is counted."""
    read = read_dead_letters([letter(b"12"), letter(None), letter(b"3"), letter(None)])
    assert [one.trade_id for one in read] == [None, None, 3, 12]
    assert read[2] == DeadLetter(
        "KRAKEN", "BTC/USD", 3, "too few fields", datetime(2026, 1, 30, 18, tzinfo=UTC), "[1]"
    )


def test_a_row_that_came_by_two_ways_is_one() -> None:
    """Live recording and a backfill write the same row; the newest is shown."""
    (one,) = read_dead_letters([letter(b"12"), letter(b"12", b"another reason")])
    assert one.reason == "another reason"


def test_what_somebody_else_wrote_there_is_read_as_far_as_it_goes() -> None:
    """No headers, an invalid id, bytes that are not text, an impossible time."""
    read = read_dead_letters(
        [
            FakeRecord(None, None, None, -1),
            letter(b"twelve"),
            letter("²".encode()),
            FakeRecord([("trade_id", None)], b"\xff", b"\xff/USD", 1 << 62),
        ]
    )
    assert {one.trade_id for one in read} == {None}
    assert {one.symbol for one in read} == {"", "BTC/USD", "\ufffd/USD"}


def test_they_are_shown_to_persons_and_programs() -> None:
    """With symbol, id, reason and time."""
    read = read_dead_letters([letter(b"12"), letter(None)])
    screen = StringIO()
    Console(file=screen, width=100).print(as_table(read))
    assert "12" in screen.getvalue()
    without, one = json.loads(as_json(read))
    assert (without["trade_id"], one["trade_id"], one["symbol"]) == (None, 12, "BTC/USD")
    assert one["recorded_at"] == "2026-01-30T18:00:00+00:00"
