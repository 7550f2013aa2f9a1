"""How far REST is behind, by estimate."""

import structlog

from producer.ingest.backlog import Backlog, CatchUpLog

NOW = 1_800_000_000.0


class Cursors:
    """The cursors of pairs: the last id, and the time up to which each is recorded."""

    def __init__(self, **cursors: tuple[int, float]) -> None:
        self.at = cursors
        self.now = NOW
        self.backlog = Backlog(self._last, self._since, lambda: self.now)

    def _last(self, symbol: str) -> int:
        return self.at[symbol][0]

    def _since(self, symbol: str) -> str:
        return str(int(self.at[symbol][1] * 1e9))


def test_a_pair_without_a_cursor_lacks_a_page() -> None:
    """One that begins with its first trade, too: nobody knows how many there are."""
    cursors = Cursors(NEW=(0, 0.0), BEGUN=(5, 0.0))
    assert cursors.backlog.missing("NEW") == cursors.backlog.missing("BEGUN") == 1000
    assert cursors.backlog.calls("NEW") == 1


def test_the_busiest_and_most_overdue_lack_most() -> None:
    """Before anything is known of a rate, the ids tell busy pairs from quiet ones."""
    cursors = Cursors(
        BUSY=(100_000_000, NOW - 3600),
        QUIET=(1_000, NOW - 3600),
        OVERDUE=(1_000, NOW - 36_000),
    )
    busy, quiet, overdue = (cursors.backlog.missing(one) for one in ("BUSY", "QUIET", "OVERDUE"))
    assert busy > overdue > quiet
    assert cursors.backlog.calls("BUSY") == 3
    assert cursors.backlog.calls("QUIET") == 1


def test_a_rate_that_was_seen_counts() -> None:
    """By the trades' own times, so that catching up fast does not look like busy trading."""
    cursors = Cursors(BTC=(1_000, NOW - 10_000))
    cursors.backlog.missing("BTC")
    cursors.at["BTC"] = (3_000, NOW - 9_000)  # 2 trades a second
    assert cursors.backlog.missing("BTC") == 18_000
    assert cursors.backlog.calls("BTC") == 18


def test_a_quiet_pair_that_was_asked_lacks_nothing() -> None:
    """Its cursor stays where its last trade was."""
    cursors = Cursors(QUIET=(100_000_000, NOW - 86_400))
    cursors.backlog.level("QUIET")
    assert cursors.backlog.missing("QUIET") == 0
    cursors.now += 10
    assert 0 < cursors.backlog.missing("QUIET") < 10


def test_the_time_until_all_have_caught_up_is_logged() -> None:
    """At first by experience, then by what was measured; and how long it took in the end."""
    symbols = [f"P{at}" for at in range(100)]
    cursors = Cursors(**dict.fromkeys(symbols, (1, NOW)))
    progress = CatchUpLog(cursors.backlog, call_interval=1.0)
    with structlog.testing.capture_logs() as lines:
        progress.note(symbols, now=0)
        for _ in range(50):
            progress.answered()
        progress.note(symbols[50:], now=9)
        progress.note(symbols[50:], now=10)
        progress.note([], now=20)
        progress.note([], now=21)
    assert [(line["event"], line["pairs"], line.get("estimated_seconds")) for line in lines] == [
        ("pairs_catching_up", 100, 10),
        ("pairs_catching_up", 50, 10),
        ("pairs_caught_up", 100, None),
    ]
    assert (lines[-1]["seconds"], lines[-1]["calls"]) == (20, 50)


def test_a_few_calls_are_not_worth_a_line() -> None:
    """One pair that starts, or is asked again."""
    progress = CatchUpLog(Cursors(BTC=(1, NOW)).backlog)
    with structlog.testing.capture_logs() as lines:
        progress.note(["BTC"], now=0)
        progress.note([], now=1)
    assert lines == []


def test_the_slowest_pair_bounds_the_estimate() -> None:
    """However fast Kraken answers, its pages follow each other at the interval."""
    cursors = Cursors(BUSY=(1_600_000_000, NOW - 20_000))
    progress = CatchUpLog(cursors.backlog, call_interval=2.0)
    with structlog.testing.capture_logs() as lines:
        progress.note(["BUSY"], now=0)
    assert lines[0]["estimated_seconds"] == 2 * lines[0]["calls"]
