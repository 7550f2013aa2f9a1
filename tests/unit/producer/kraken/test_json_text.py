import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.kraken.json_text import elements, members, read_json

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
indents = st.sampled_from([None, 0, 2])


@given(st.lists(json_values), indents)
def test_an_array_falls_into_its_elements(values: list[object], indent: int | None) -> None:
    """Each element's text parses as that element, whatever blanks are between them."""
    text = json.dumps(values, indent=indent)
    assert [json.loads(element) for element in elements(f" \n{text} ")] == values


@given(st.dictionaries(st.text(), json_values), indents)
def test_an_object_falls_into_its_members(values: dict[str, object], indent: int | None) -> None:
    """Each member's text parses as that member's value."""
    text = json.dumps(values, indent=indent)
    assert {key: json.loads(value) for key, value in members(f"\t{text}")} == values


@pytest.mark.parametrize(
    "number",
    ["1762795433.9717445", "0.00100000", "1e5", "-0.0", "NaN", "Infinity", "9" * 5000],
)
def test_a_number_stays_the_text_it_came_as(number: str) -> None:
    """No digit, zero or exponent changes on the way."""
    assert read_json(f'{{"n": [{number}]}}') == {"n": [number]}


@given(st.integers())
def test_a_whole_number_is_read_as_it_is(number: int) -> None:
    """As an int or its text, however long."""
    assert str(read_json(str(number))) == str(number)


@pytest.mark.parametrize("text", ["", "<html>", '{"error":[]', "[" * 100_000, "{'a': 1}"])
def test_what_is_no_json_is_a_value_error(text: str) -> None:
    """Endless nesting too, so that one kind of error covers any body."""
    with pytest.raises(ValueError, match=r"."):
        read_json(text)
