from itertools import pairwise

import pytest

from producer.errors import KrakenGaveUp
from producer.kraken.errors import Unavailable
from producer.patience import Patience
from producer.stopping import StopRequest

ERROR = Unavailable("EService:Unavailable")


class Waits(StopRequest):
    """Remembers its waits instead of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def wait(self, seconds: float) -> bool:
        """Passes at once."""
        self.seconds.append(seconds)
        return False


def test_waits_grow_to_a_minute_and_no_further() -> None:
    """Half a second at first, then longer, for ever."""
    stop = Waits()
    patience = Patience(stop)
    for _ in range(12):
        patience.failed(ERROR)
    assert 0.375 <= stop.seconds[0] <= 0.5
    assert all(later > earlier for earlier, later in pairwise(stop.seconds[:7]))
    assert all(45 <= seconds <= 60 for seconds in stop.seconds[8:])


def test_success_starts_the_row_anew() -> None:
    """The next failure is the first one again."""
    stop = Waits()
    patience = Patience(stop, most_failures=3)
    for _ in range(5):
        patience.failed(ERROR)
        patience.failed(ERROR)
        patience.succeeded()
    assert all(seconds <= 0.5 for seconds in stop.seconds[::2])


def test_patience_ends_where_it_is_bounded() -> None:
    """The last failure is named, and no time is lost after it."""
    stop = Waits()
    patience = Patience(stop, most_failures=2)
    patience.failed(ERROR)
    with pytest.raises(KrakenGaveUp, match="2 times in a row, at last with: EService:Unavailable"):
        patience.failed(ERROR)
    assert len(stop.seconds) == 1
