"""Reading by columns against reading by rows, which it has to equal wherever it succeeds."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import astuple, replace

from producer.kraken.rest.answer import PlainRow, read_answer
from producer.kraken.rest.columns import read_rows
from producer.kraken.rest.row import Origin, read_row
from producer.model.trade import Trade

ORIGIN = Origin("KRAKEN", "BTC/USDT", 1795521600_123456)
ROW = PlainRow("105433.60000", "0.00027625", "1762795433.9717445", "b", "l", "", 10218208)

letters = st.sampled_from(["b", "s", "m", "l", "", "x"])


def amounts(places: int) -> st.SearchStrategy[str]:
    """Amounts as Kraken writes those of one pair."""
    numbers = st.decimals(Decimal(0), Decimal(10**18) - 1, places=places, allow_nan=False)
    return numbers.map(lambda number: f"{number:f}")


def by_rows(rows: list[PlainRow]) -> list[Trade]:
    """Each row is parsed separately."""
    return [read_row(astuple(row), ORIGIN) for row in rows]


def plain_rows(places: int) -> st.SearchStrategy[list[PlainRow]]:
    """Rows whose amounts all have as many places."""
    row = st.builds(
        PlainRow,
        price=amounts(places),
        volume=amounts(max(1, places - 2)),
        time=st.decimals(1293840000, 4102444799, places=7).map(str) | st.just("1762795433.9"),
        side=letters,
        order_type=letters,
        misc=st.text(max_size=3),
        trade_id=st.integers(-1, 2**63),
    )
    return st.lists(row, max_size=5)


def test_the_recorded_page_is_read_by_columns(trades_body: bytes) -> None:
    """All of a real page is plain, and so takes the quick way; the trades are the same."""
    answer = read_answer(trades_body.decode())
    rows = answer["result"]["XBTUSDT"]
    assert read_rows(rows, ORIGIN) == by_rows(rows)


@given(st.integers(1, 10).flatmap(plain_rows))
def test_columns_are_rows(rows: list[PlainRow]) -> None:
    """Rows as Kraken writes them give the same trades, or are refused by both."""
    try:
        trades = by_rows(rows)
    except ValueError:
        with pytest.raises(ValueError, match=r"."):
            read_rows(rows, ORIGIN)
    else:
        assert read_rows(rows, ORIGIN) == trades


odd_texts = st.text("0123456789.,eE+-_ \u00b2\uff11", max_size=20)


@given(
    st.lists(
        st.builds(
            replace,
            st.just(ROW),
            price=odd_texts | st.just("1.5"),
            volume=odd_texts | st.just("2.25"),
            time=odd_texts | st.just("1762795433.5"),
        ),
        min_size=1,
        max_size=3,
    )
)
@example([replace(ROW, price="1.5,2.5"), replace(ROW, price="3.5")])
@example([replace(ROW, price="5.")])
@example([replace(ROW, volume=".5")])
@example([replace(ROW, time="1762795433.5\n")])
@example([replace(ROW, time=None)])
@example([replace(ROW, time="1293839999.9999999")])
@example([replace(ROW, time="4102444800.0")])
def test_what_columns_take_rows_take_alike(rows: list[PlainRow]) -> None:
    """However odd the texts: nothing is read by columns that rows refuse or read otherwise."""
    try:
        trades = read_rows(rows, ORIGIN)
    except (TypeError, ValueError):
        return
    assert trades == by_rows(rows)


def test_no_rows_are_no_trades() -> None:
    """As in an answer with nothing new."""
    assert read_rows([], ORIGIN) == []
