import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.kraken.json_text import read_json
from producer.kraken.rest.answer import PlainRow, read_answer

ROW = '["1.5","2.0",1762795433.9717445,"b","l","",7]'

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def page(*rows: str) -> str:
    """A Trades answer."""
    return f'{{"error":[],"result":{{"XBTUSDT":[{",".join(rows)}],"last":"17"}}}}'


def test_the_rows_of_a_page_are_plain() -> None:
    """Texts stay texts, the time is the text that it came as, the id a whole number."""
    row = PlainRow("1.5", "2.0", "1762795433.9717445", "b", "l", "", 7)
    assert read_answer(page(ROW)) == {"error": [], "result": {"XBTUSDT": [row], "last": "17"}}


def test_what_stands_behind_the_id_is_left_alone() -> None:
    """Rows have grown before."""
    assert read_answer(page(ROW.replace("7]", "7,true,[8]]"))) == read_answer(page(ROW))


@pytest.mark.parametrize(
    "row",
    [
        '[1.5,"2",1762795433.5,"b","l","",7]',
        '["1.5","2",1762795433.5,null,"l","",7]',
        '["1.5","2",1762795433.5,"b","l","","7"]',
        '["1.5","2",1762795433.5,"b","l","",7.0]',
        '["1.5","2",NaN,"b","l","",7]',
        '["1.5","2",1762795433.5,"b","l","\\ud800",7]',
        '["1.5","2",1762795433.5,"b","l"]',
        "null",
    ],
)
def test_one_row_that_is_not_leaves_all_as_they_are(row: str) -> None:
    """Then the whole answer is what JSON makes of it."""
    assert read_answer(page(ROW, row)) == read_json(page(ROW, row))


@given(json_values)
def test_any_other_answer_is_what_json_makes_of_it(value: object) -> None:
    """In what Kraken's envelope is known to hold; its answers grow."""
    text = json.dumps({"error": [], "result": {"a": value}, "new": value})
    answer, as_json = read_answer(text), read_json(text)
    assert [answer[key] for key in ("error", "result")] == [as_json["error"], as_json["result"]]


@pytest.mark.parametrize("text", ["", "<html>", '{"error":[]', "[" * 100_000])
def test_what_is_no_json_is_a_value_error(text: str) -> None:
    """One kind of error covers any body."""
    with pytest.raises(ValueError, match=r"."):
        read_answer(text)
