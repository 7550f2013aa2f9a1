import json
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.fake_kraken import DEFAULT_RECORDING, load_recording
from infra.fake_kraken.errors import RecordingInvalid
from infra.fake_kraken.market.recording import Recording, unique_cursors

ROW = '["1.50","2.00",1762795433.9717445,"b","l","",7]'


def test_rows_keep_the_recorded_digits(recording: Recording) -> None:
    """Every number's text equals the recorded one, zeros at the end included."""
    recorded = json.loads(DEFAULT_RECORDING.read_text(), parse_float=str, parse_int=str)
    answered = [
        json.loads(row, parse_float=str, parse_int=str) for row in recording.rows(range(1000))
    ]
    assert answered == recorded["result"]["XBTUSDT"]


def test_rows_are_compact_as_kraken_sends_them(recording: Recording) -> None:
    """The recording's line breaks are its collector's, not Kraken's."""
    assert recording.rows([0]) == [
        '["105433.60000","0.00027625",1762795433.9717445,"b","l","",10218208]'
    ]


def test_each_trade_has_a_cursor_of_its_own(recording: Recording) -> None:
    """Cursors rise strictly, although 414 of 999 neighbours share a time; the last is recorded."""
    times = [fields[2] for fields in recording.fields]
    assert sum(a == b for a, b in pairwise(times)) == 414
    assert all(a < b for a, b in pairwise(recording.cursors))
    assert recording.cursors[-1] == 1762820035982277754


def test_a_cursor_stays_within_nanoseconds_of_its_trades_time(recording: Recording) -> None:
    """Paging by time finds each trade in its place."""
    for fields, cursor in zip(recording.fields, recording.cursors, strict=True):
        assert abs(int(Decimal(fields[2]).scaleb(9)) - cursor) < 1000


@given(st.lists(st.integers(0, 50), min_size=1).map(sorted), st.integers(-5, 5))
def test_cursors_are_unique_whatever_the_times(times: list[int], off: int) -> None:
    """Any number of trades at one time, and any `last` near the last time."""
    cursors = unique_cursors(times, times[-1] + off)
    assert all(a < b for a, b in pairwise(cursors))
    assert cursors[-1] == times[-1] + off
    assert len(cursors) == len(times)


def test_the_pair_has_all_its_names(write_recording: Callable[..., Path]) -> None:
    """They come from the AssetPairs answer beside the trades."""
    recording = load_recording(write_recording("XXAZB", [ROW], "1", altname="AB"))
    assert recording.pair.names == ("XXAZB", "AB", "A/B")


def test_a_missing_file_is_reported_by_its_path(tmp_path: Path) -> None:
    """One line for who mistyped it."""
    with pytest.raises(RecordingInvalid, match=r"none\.json"):
        load_recording(tmp_path / "none.json")


def test_missing_pairs_are_reported_by_their_path(write_recording: Callable[..., Path]) -> None:
    """A Trades answer does not have a pair's other names."""
    path = write_recording("AB", [ROW], "1")
    (path.parent / "asset_pairs_AB.json").unlink()
    with pytest.raises(RecordingInvalid, match=r"asset_pairs_AB\.json"):
        load_recording(path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"error":["EAPI:Rate limit exceeded"]}',
        '{"error":[],"result":{}}',
        '{"error":[],"result":{"AB":[]}}',
        '{"error":[],"result":{"AB":[],"last":"1"}}',
        '{"error":[],"result":{"AB":[["1","2",3,"b","l",""]],"last":"1"}}',
    ],
)
def test_what_is_no_page_of_trades_is_refused(text: str, tmp_path: Path) -> None:
    """An error answer, no trades, or rows of six fields cannot be replayed."""
    path = tmp_path / "trades.json"
    path.write_text(text)
    with pytest.raises(RecordingInvalid, match=r"trades\.json"):
        load_recording(path)
