from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.kraken.websocket.messages import (
    Answer,
    Entries,
    Message,
    SignOfLife,
    SystemStatus,
    read_message,
)
from producer.model.venue_errors import AnswerMalformed
from tests.unit.producer.kraken.websocket.conftest import (
    ACKNOWLEDGED,
    HEARTBEAT,
    REFUSED,
    STATUS,
    UPDATE,
)


def test_trades_are_handed_on_with_every_digit() -> None:
    """Numbers stay the text that they came as."""
    message = read_message(UPDATE)
    assert isinstance(message, Entries)
    assert not message.snapshot
    assert [entry["qty"] for entry in message.entries] == ["0.00047353", "0.00010000"]
    assert [entry["trade_id"] for entry in message.entries] == [107725595, 107725596]


def test_a_snapshot_is_distinguished_from_an_update() -> None:
    """Its trades are older than the subscription."""
    message = read_message(UPDATE.replace('"update"', '"snapshot"'))
    assert isinstance(message, Entries)
    assert message.snapshot


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (STATUS, SystemStatus("online")),
        (STATUS.replace("online", "maintenance"), SystemStatus("maintenance")),
        (ACKNOWLEDGED, Answer("BTC/USD", None)),
        (REFUSED, Answer("XBT/USD", "Currency pair not supported XBT/USD")),
        ('{"method":"subscribe","success":false}', Answer(None, "no reason given")),
        ('{"error":"Malformed request","method":"error"}', Answer(None, "Malformed request")),
        ('{"Error":"Exceeded msg rate"}', Answer(None, "Exceeded msg rate")),
        (HEARTBEAT, SignOfLife()),
        (HEARTBEAT.encode(), SignOfLife()),
        ('{"method":"pong","time_in":"2026-09-14T18:32:25.133594Z"}', SignOfLife()),
        ('{"channel":"something new"}', SignOfLife()),
        ('{"channel":"status","data":[]}', SignOfLife()),
    ],
)
def test_what_kraken_says_is_understood(frame: str | bytes, message: object) -> None:
    """An unknown message only shows that the connection lives."""
    assert read_message(frame) == message


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (UPDATE[:70], "is no JSON"),
        (b"\xff\xfe", "is no JSON"),
        ("[]", "is no object"),
        ('{"channel":"trade"}', "holds no list of trades"),
        ('{"channel":"trade","data":[1]}', "holds a trade that is no object"),
    ],
)
def test_a_frame_of_another_form_is_reported(frame: str | bytes, reason: str) -> None:
    """It ends the connection, and the next one brings what it would have held."""
    with pytest.raises(AnswerMalformed, match=reason):
        read_message(frame)


@given(st.text() | st.binary())
def test_no_frame_does_more_harm_than_that(frame: str | bytes) -> None:
    """Whatever comes, it is a message or malformed."""
    with suppress(AnswerMalformed):
        assert isinstance(read_message(frame), Message)
