"""Trade ids that a page lacks: Kraken is asked for them again before anybody believes it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from producer.kraken.page import TradesPage
from producer.kraken.pairs import KrakenPair
from producer.selection import Gap
from producer.source import TradesSource
from producer.starting_point import just_before

__all__ = ["Settled", "settle_gaps"]

_CONFIRMATIONS: Final = 2
_MICROSECOND: Final = 1000


@dataclass(frozen=True, slots=True)
class Settled:
    """A page, with what Kraken gave when it was asked again.

    Attributes:
        page: The page, and the trades found.
        confirmed: The gaps that Kraken left open each time it was asked.
    """

    page: TradesPage
    confirmed: tuple[Gap, ...] = ()


def settle_gaps(
    kraken: TradesSource,
    pair: KrakenPair,
    since: str | None,
    page: TradesPage,
    gaps_of: Callable[[TradesPage], Sequence[Gap]],
) -> Settled:
    """Asks twice for the very range of each gap, and adds what is found to the page.

    A range is asked for with both of its neighbours. An answer that ends before the second of
    them says nothing: such a gap stays a suspicion.

    Args:
        kraken: Who is asked.
        pair: Whose page it is.
        since: The cursor that the page was asked with.
        page: The page.
        gaps_of: The gaps before and within a page, by rising id.

    Raises:
        KrakenError: There is no answer.
    """
    unsure: list[Gap] = []
    for _ in range(_CONFIRMATIONS):
        gaps = gaps_of(page)
        if not gaps:
            return Settled(page)
        answers, unanswered = _ask(kraken, pair, since, page, gaps)
        unsure += unanswered
        page = _filled(page, gaps, answers)
    return Settled(page, tuple(gap for gap in gaps_of(page) if not _within(gap, unsure)))


def _ask(
    kraken: TradesSource,
    pair: KrakenPair,
    since: str | None,
    page: TradesPage,
    gaps: Sequence[Gap],
) -> tuple[list[TradesPage], list[Gap]]:
    """The answers over the ranges of the gaps, and the gaps that they do not cover."""
    answers: list[TradesPage] = []
    unanswered: list[Gap] = []
    reached = 0
    for gap in gaps:
        # One answer holds a thousand trades, so it mostly covers the gaps that follow.
        if gap.before > reached:
            answers.append(kraken.trades(pair, _before(gap, page, since)))
            reached = max((trade.trade_id for trade in answers[-1].trades), default=0)
        if gap.before > reached:
            unanswered.append(gap)
    return answers, unanswered


def _before(gap: Gap, page: TradesPage, since: str | None) -> str | None:
    """The cursor just before the trade on the gap's near side."""
    for trade in page.trades:
        if trade.trade_id == gap.after:
            return just_before(trade.executed_at)
    if since is None or not since.isdecimal():
        return since
    return str(max(0, int(since) - _MICROSECOND))


def _filled(page: TradesPage, gaps: Sequence[Gap], answers: Sequence[TradesPage]) -> TradesPage:
    """The page with all that the answers hold of its gaps, as full as it should have come."""
    trades = {t.trade_id: t for answer in answers for t in answer.trades if _in(t.trade_id, gaps)}
    rejected = {
        row.trade_id: row
        for answer in answers
        for row in answer.rejected
        if row.trade_id is not None and _in(row.trade_id, gaps)
    }
    return replace(
        page,
        trades=(*page.trades, *trades.values()),
        rejected=(*page.rejected, *rejected.values()),
        rows=page.rows + len(trades) + len(rejected),
    )


def _in(trade_id: int, gaps: Sequence[Gap]) -> bool:
    return any(gap.after < trade_id < gap.before for gap in gaps)


def _within(gap: Gap, others: Sequence[Gap]) -> bool:
    return any(other.after <= gap.after and gap.before <= other.before for other in others)
