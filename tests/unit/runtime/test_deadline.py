from runtime.deadline import Deadline


def test_a_deadline_counts_down_and_stays_at_zero() -> None:
    """Elapsed, remaining and the slice to wait for always add up."""
    now = 100.0
    deadline = Deadline(2.5, clock=lambda: now)
    assert (deadline.elapsed, deadline.remaining, deadline.slice) == (0.0, 2.5, 1.0)
    assert not deadline.passed
    now = 102.0
    assert (deadline.elapsed, deadline.remaining, deadline.slice) == (2.0, 0.5, 0.5)
    now = 200.0
    assert (deadline.elapsed, deadline.remaining, deadline.slice) == (2.5, 0.0, 0.0)
    assert deadline.passed
