from runtime.back_off import BackOff


def test_waits_double_up_to_the_longest() -> None:
    """From 1 s to a minute."""
    back_off = BackOff(1.0, 60.0, chance=lambda *_: 1.0)
    assert [back_off.next_wait() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_waits_are_jittered_by_a_quarter() -> None:
    """So that clients cut off together do not come back together."""
    waits = {BackOff(1.0, 60.0).next_wait() for _ in range(100)}
    assert len(waits) > 50
    assert all(0.75 <= wait <= 1.25 for wait in waits)


def test_the_jitter_never_passes_the_longest() -> None:
    """A minute is a minute."""
    back_off = BackOff(50.0, 60.0, chance=lambda *_: 1.25)
    assert [back_off.next_wait() for _ in range(2)] == [60.0, 60.0]


def test_a_reset_starts_over() -> None:
    """The next wait is a first one."""
    back_off = BackOff(1.0, 60.0, chance=lambda *_: 1.0)
    assert [back_off.next_wait(), back_off.next_wait()] == [1, 2]
    back_off.reset()
    assert back_off.next_wait() == 1
