from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from producer.model.trade import OrderType, Side, Trade
from producer.model.trade_batch import TradeBatch

MakeTrades = Callable[..., list[Trade]]


@pytest.fixture(scope="session")
def three(trades: MakeTrades) -> list[Trade]:
    """Trades 1, 2 and 5."""
    return trades([1, 2, 5])


def test_they_are_the_trades_they_were_made_of(three: list[Trade]) -> None:
    """In their order, each the same, in number and by place."""
    held = TradeBatch.of(three)
    assert (list(held), len(held), held[-1]) == (three, 3, three[2])
    assert held == three
    assert held == tuple(three)
    assert held != three[:2]
    assert TradeBatch.of(held) is held
    assert bool(held)


def test_none_are_none() -> None:
    """Columns without values are no error."""
    none = TradeBatch.of(())
    assert (list(none), none.trade_ids, bool(none)) == ([], (), False)
    assert TradeBatch.checked(none.columns) == ()


def test_some_of_them_can_be_taken(three: list[Trade]) -> None:
    """A slice, or the trades at some indexes in any order."""
    held = TradeBatch.of(three)
    assert held[1:] == three[1:]
    assert held.at([2, 0]) == [three[2], three[0]]


def test_columns_hold_what_avro_writes(three: list[Trade]) -> None:
    """A column a field, a value a trade, in the order of both."""
    held = TradeBatch.of([*three, replace(three[0], trade_id=7, side=Side.SELL)])
    columns = dict(zip(Trade.__struct_fields__, map(list, held.columns), strict=True))
    assert columns["trade_id"] == [1, 2, 5, 7] == list(held.trade_ids)
    assert columns["price_units"] == [1054336000000000] * 4
    assert columns["side"] == ["BUY", "BUY", "BUY", "SELL"]
    assert columns["executed_micros"] == [one.executed_micros for one in held]
    assert columns["executed_micros"] == list(held.executed_micros)
    assert columns["ingested_micros"] == list(held.ingested_micros)


def test_they_are_shown_as_trades(three: list[Trade]) -> None:
    """Where a test or a log shows them."""
    assert repr(TradeBatch.of(three)) == f"TradeBatch.of({three!r})"


numbers = st.sampled_from([0, 1, -1, 10**28, 10**28 - 1, 2**63, 2**63 - 1, 5])
moments = st.sampled_from([0, 10**17, -(10**17), 10**18])
texts = st.sampled_from(["", "x", "é", "\ud800"])
rows = st.tuples(
    texts.filter(lambda text: text != "\ud800"),
    texts.filter(lambda text: text != "\ud800"),
    numbers,
    numbers,
    numbers,
    st.just(Side.BUY),
    st.just(OrderType.LIMIT),
    texts,
    moments,
    moments,
    st.just("REST"),
)
good = st.just(("K", "S", 1, 1, 1, Side.BUY, OrderType.LIMIT, "", 0, 0, "REST"))


@given(st.lists(good | rows, min_size=1, max_size=3))
def test_columns_are_checked_as_trades_are(many: list[tuple[object, ...]]) -> None:
    """What `Trade` refuses is refused among others, and nothing else is."""
    columns = list(zip(*many, strict=True))
    try:
        trades = [Trade(*row) for row in many]
    except ValueError:
        with pytest.raises(ValueError, match=r"."):
            TradeBatch.checked(columns)
    else:
        assert TradeBatch.checked(columns) == trades
