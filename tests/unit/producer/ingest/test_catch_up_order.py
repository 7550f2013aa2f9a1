"""Whose turn it is to be asked for."""

import random
from dataclasses import replace

import pytest

from producer.ingest.catch_up_order import FAIR_EVERY, CatchUpOrder, Waiting


def served(waiting: list[Waiting[str]]) -> str:
    """All that wait, in the order in which they get their first turn if none comes back."""
    order, left, names = CatchUpOrder(), list(waiting), ""
    while left:
        chosen = order.next_of(left)
        left.remove(chosen)
        names += chosen.of
    return names


def test_pairs_that_lack_pages_come_first_then_those_that_wait_longest() -> None:
    """The largest backlog first; one turn in four is the longest waiting one's."""
    waiting = [
        Waiting("a", since=1, missing=10),
        Waiting("b", since=2, missing=900),
        Waiting("c", since=3, missing=2_000),
        Waiting("d", since=4, missing=90_000),
        Waiting("e", since=5, missing=5_000),
        Waiting("f", since=6, missing=3_000),
    ]
    assert served(waiting) == "decafb"[0:2] + "fa" + "cb"


def test_of_those_due_at_once_the_one_with_more_to_bring_comes_first() -> None:
    """As after a break, when all wait since the same moment."""
    waiting = [Waiting(name, since=1, missing=at) for at, name in enumerate("abc")]
    assert served(waiting) == "cba"


@pytest.mark.parametrize("seed", range(50))
def test_no_pair_starves_however_far_the_others_are_behind(seed: int) -> None:
    """Synthetic backlogs: of n pairs that always wait, each has a turn within 4 n turns."""
    random_ = random.Random(seed)
    number = random_.randint(1, 60)
    order = CatchUpOrder()
    waiting = [
        Waiting(str(at), 0.0, random_.choice([0, 1, 999, 10 ** random_.randint(3, 9)]))
        for at in range(number)
    ]
    last = dict.fromkeys((one.of for one in waiting), 0)
    for turn in range(1, 20 * number + 1):
        chosen = order.next_of(waiting)
        last[chosen.of] = turn
        # It comes back at once, and its backlog may have become any other.
        missing = random_.choice([chosen.missing, 10**9 * random_.random(), 0.0])
        waiting[waiting.index(chosen)] = replace(chosen, since=float(turn), missing=missing)
        assert turn - min(last.values()) <= FAIR_EVERY * number


@pytest.mark.parametrize("seed", range(10))
def test_a_large_backlog_gets_most_turns(seed: int) -> None:
    """Fairness to 1,400 quiet pairs costs it one turn in four."""
    random_ = random.Random(seed)
    order = CatchUpOrder()
    waiting = [Waiting(str(at), random_.random(), random_.random()) for at in range(1_400)]
    busy = Waiting("busy", since=2.0, missing=1e6)
    chosen = [order.next_of([*waiting, busy]).of for _ in range(100)]
    assert chosen.count("busy") == 75
