"""Log what was published."""

import time
from collections.abc import Callable, Sequence

import structlog

from producer.metrics import NO_METRICS, ProducerMetrics
from producer.model.page_update import PageUpdate
from producer.model.trade import Trade

__all__ = ["Summary", "counted", "log_noteworthy", "log_update"]

log = structlog.get_logger()


def log_update(publication: PageUpdate) -> None:
    """Log one line about what was written, as a warning if it needs attention."""
    trades = publication.trades
    fields: dict[str, object] = {"symbol": publication.symbol, "trades": len(trades)}
    if trades:
        fields["last_trade_id"] = trades[-1].trade_id
        fields["behind_seconds"] = round(
            (publication.at - trades[-1].executed_at).total_seconds(), 1
        )
    if publication.late:
        fields["found"] = _ids(publication.late)
    if publication.dead_letters:
        fields["dead_letters"] = len(publication.dead_letters)
    for name, ranges in (
        ("suspected_gaps", publication.suspected),
        ("confirmed_holes", publication.confirmed),
        ("revoked_holes", publication.revoked),
    ):
        if ranges:
            fields[name] = [str(one) for one in ranges]
    if needs_attention(publication):
        log.warning("recorded", **fields)
    elif trades or publication.late:
        log.info("recorded", **fields)
    else:
        log.debug("cursor_moved", **fields)


def counted(
    log_line: Callable[[PageUpdate], None], metrics: ProducerMetrics
) -> Callable[[PageUpdate], None]:
    """Return a function that counts a publication in the metrics, and then logs it."""

    def count_and_log(publication: PageUpdate) -> None:
        metrics.written(publication)
        log_line(publication)

    return log_line if metrics is NO_METRICS else count_and_log


def log_noteworthy(publication: PageUpdate) -> None:
    """Log the same line, for dead letters and missing ids only."""
    if publication.late or needs_attention(publication):
        log_update(publication)


def needs_attention(publication: PageUpdate) -> bool:
    """Whether what was written needs an operator's attention."""
    return bool(
        publication.dead_letters
        or publication.suspected
        or publication.confirmed
        or publication.revoked
    )


def _ids(trades: Sequence[Trade]) -> str:
    """Return the first and the last id, and how many there are."""
    first, last = trades[0].trade_id, trades[-1].trade_id
    return str(first) if len(trades) == 1 else f"{len(trades)} of {first}..{last}"


class Summary:
    """Logs one line for many publications, every so many seconds; a warning has its own line.

    Args:
        every: Seconds from one line to the next.
        clock: Monotonic seconds.
    """

    def __init__(self, every: float = 10.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._every = every
        self._clock = clock
        self._due = clock()
        self._last_ids: dict[str, int] = {}
        self._trades = 0
        self._behind = 0.0

    def add(self, publication: PageUpdate) -> None:
        """Count a publication, and log a line if it is due."""
        log_noteworthy(publication)
        trades = publication.trades
        if trades:
            self._trades += len(trades)
            self._last_ids[publication.symbol] = trades[-1].trade_id
            behind = (publication.at - trades[-1].executed_at).total_seconds()
            self._behind = max(self._behind, behind)
        if self._clock() >= self._due:
            self.log_rest()

    def log_rest(self) -> None:
        """Log what was counted since the last line, if anything."""
        if self._trades:
            fields: dict[str, object] = {"trades": self._trades, "pairs": len(self._last_ids)}
            if len(self._last_ids) == 1:
                ((fields["symbol"], fields["last_trade_id"]),) = self._last_ids.items()
            log.info("recorded", **fields, behind_seconds=round(self._behind, 2))
        self._due = self._clock() + self._every
        self._last_ids, self._trades, self._behind = {}, 0, 0.0
