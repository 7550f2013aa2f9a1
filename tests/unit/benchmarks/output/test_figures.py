"""Medians, spreads and ratios of what was measured."""

from benchmarks.output.figures import Figure, ratios


def test_the_median_is_the_middle_one_whatever_the_outliers() -> None:
    """One slow round does not move it."""
    assert Figure((3.0, 1.0, 100.0)).median == 3.0


def test_the_spread_is_a_part_of_the_median() -> None:
    """From the lowest to the highest: 90 to 110 around 100 is 0.2."""
    assert Figure((100.0, 90.0, 110.0)).spread == 0.2


def test_one_round_has_no_spread() -> None:
    """A single value is its own lowest and highest."""
    assert Figure((7.0,)).spread == 0.0


def test_ratios_are_taken_round_by_round() -> None:
    """A round in which the machine was slow for both does not show in them."""
    above, below = Figure((10.0, 5.0, 10.0)), Figure((5.0, 2.5, 5.0))
    assert ratios(above, below).values == (2.0, 2.0, 2.0)


def test_a_round_without_a_figure_below_is_left_out() -> None:
    """Nothing is divided by nought, and a program that failed in its last round leaves fewer."""
    assert ratios(Figure((10.0, 8.0)), Figure((0.0, 4.0))).values == (2.0,)
    assert ratios(Figure((10.0, 8.0)), Figure((5.0,))).values == (2.0,)


def test_a_round_that_failed_shifts_no_other() -> None:
    """The rival failed in its first round: ours of that round has nothing to be held against."""
    ours, rival = Figure((10.0, 8.0, 6.0)), Figure((4.0, 2.0), rounds=(1, 2))
    assert ratios(ours, rival) == Figure((2.0, 3.0), rounds=(1, 2))
