"""A question with and without a pool."""

import pytest

from producer.ingest.look_up import start_look_up
from tests.unit.producer.fake_feed import Later


def test_without_a_pool_the_answer_is_there_at_once() -> None:
    """The caller's thread has waited for it; what went wrong is the future's."""
    assert start_look_up(None, lambda: 7).result(0) == 7
    failed = start_look_up(None, lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        failed.result(0)


def test_a_pool_answers_when_it_comes_to_it() -> None:
    """Nobody waits meanwhile."""
    pool = Later()
    asked = start_look_up(pool, lambda: 7)
    assert not asked.done()
    pool.work()
    assert asked.result(0) == 7
