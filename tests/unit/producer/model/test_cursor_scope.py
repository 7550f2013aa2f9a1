from producer.model.cursor_scope import LIVE, CursorScope, is_backfilled


def test_each_lane_has_keys_of_its_own() -> None:
    """So that none moves another's position."""
    assert LIVE.key("BTC/USD") == "BTC/USD"
    assert CursorScope("0", "beginning/now").key("BTC/USD") == "backfill/BTC/USD/beginning/now"


def test_a_backfills_trades_are_recognised_by_their_headers() -> None:
    """Live recording's have none."""
    assert is_backfilled(list(CursorScope("0", "beginning/now").trade_headers))
    assert not is_backfilled(list(LIVE.trade_headers))
    assert not is_backfilled(None)
