"""What requests cost in a month."""

import pytest

from benchmarks.data.prices import dollars_a_month


def test_a_batch_of_eight_pairs_every_five_seconds() -> None:
    """518,400 batches of nine writes, a listing and eight reads, by the prices of the list."""
    batch = {"PUT": 9, "LIST": 1, "HEAD": 8}
    expected = 518_400 * (10 * 0.005 + 8 * 0.0004) / 1_000
    assert dollars_a_month(batch, 5.0) == pytest.approx(expected)
    assert dollars_a_month(batch, 10.0) == pytest.approx(expected / 2)


def test_removing_is_free() -> None:
    """The list has no price for it."""
    assert dollars_a_month({"DELETE": 1_000}, 1.0) == 0
