from infra.fake_kraken import DEFAULT_RECORDING, load_recording
from infra.fake_kraken.market.paced import PacedTape

SECOND = 10**9


def test_recorded_trades_appear_at_the_rate() -> None:
    """None before the start, all in the end, and none beyond."""
    recording = load_recording(DEFAULT_RECORDING)
    tape = PacedTape(recording, rate=3.0, start=100 * SECOND)
    assert [tape.visible(at * SECOND) for at in (0, 100, 101, 110, 433, 434, 9999)] == [
        *(0, 0, 3, 30, 999, 1000, 1000)
    ]


def test_a_trade_stays_as_it_was_recorded() -> None:
    """Rows, cursors and pair are the recording's own."""
    recording = load_recording(DEFAULT_RECORDING)
    tape = PacedTape(recording, rate=3.0, start=0)
    assert tape.rows([0, 999]) == recording.rows([0, 999])
    assert tape.cursor(5) == recording.cursor(5)
    assert tape.first_after(tape.cursor(5)) == 6
    assert tape.pair is recording.pair
    assert not tape.synthetic
