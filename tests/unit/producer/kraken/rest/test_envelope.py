import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.kraken.rest.envelope import open_envelope
from producer.model.venue_errors import AnswerMalformed, RateLimited, RequestRefused, VenueError


def test_the_result_comes_out_of_a_recorded_answer(asset_pairs_body: bytes) -> None:
    """A good answer has a result and no warnings."""
    envelope = open_envelope(asset_pairs_body, asked="AssetPairs")
    assert list(envelope.result) == ["XBTUSDT"]
    assert envelope.warnings == ()


def test_a_warning_is_kept_and_no_error() -> None:
    """Messages that begin with W leave the result usable."""
    envelope = open_envelope('{"error":["WGeneral:Deprecated"],"result":{"a":1}}', asked="Time")
    assert envelope.warnings == ("WGeneral:Deprecated",)
    assert envelope.result == {"a": 1}


def test_an_error_beside_a_warning_is_an_error() -> None:
    """A warning does not hide what failed."""
    with pytest.raises(RateLimited):
        open_envelope('{"error":["WGeneral:X","EAPI:Rate limit exceeded"]}', asked="Time")


def test_an_error_needs_no_result() -> None:
    """Kraken leaves the result out of its error answers: this body was logged by a user."""
    with pytest.raises(RequestRefused, match="Invalid nonce"):
        open_envelope('{"error":["EAPI:Invalid nonce"]}', asked="Time")


def test_an_error_beats_a_result() -> None:
    """What came with an error is not used."""
    with pytest.raises(RateLimited):
        open_envelope('{"error":["EAPI:Rate limit exceeded"],"result":{}}', asked="Time")


def test_unknown_keys_are_left_alone() -> None:
    """Kraken's answers grow."""
    envelope = open_envelope('{"error":[],"result":{"a":[]},"new":{"b":[1]}}', asked="Time")
    assert envelope.result == {"a": []}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><title>520</title></html>",
        b'{"error":[],"result":{"XBTUSDT":[["105',
        b"\xff\xfe\x00",
        b"\xef\xbb\xbf{}",
        b"null",
        b"[]",
        b"{}",
        b'{"result":{}}',
        b'{"error":"EAPI:Rate limit exceeded"}',
        b'{"error":[]}',
        b'{"error":[],"result":null}',
        b'{"error":[],"result":[]}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_envelope_is_malformed(body: bytes) -> None:
    """No JSON, cut off, of another shape, or neither error nor result: maybe better next time."""
    with pytest.raises(AnswerMalformed, match="Trades for XBTUSDT"):
        open_envelope(body, asked="Trades for XBTUSDT")


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_body_gives_an_envelope_or_a_kraken_error(body: bytes | str) -> None:
    """Nothing that a server can send raises anything else."""
    try:
        envelope = open_envelope(body, asked="Time")
    except VenueError as error:
        assert "Time" in str(error)  # noqa: PT017  both outcomes are right, each in its form
    else:
        assert isinstance(envelope.result, dict)
