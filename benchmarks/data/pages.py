"""Kraken's answers, ready to parse: pages of synthetic trades, as bytes."""

from dataclasses import dataclass

from infra.fake_kraken.market.paging import MOST_TRADES, turn_page, write_page
from infra.fake_kraken.market.recording import DEFAULT_RECORDING, load_recording
from infra.fake_kraken.market.synthetic import SyntheticTape, synthetic_tapes
from producer.kraken.pairs import KrakenPair, canonical_symbol

__all__ = ["Answer", "kraken_answers"]

_PAIRS = 16


@dataclass(frozen=True, slots=True)
class Answer:
    """A full page of one pair.

    Attributes:
        pair: The pair.
        body: The answer's body as Kraken sends it.
        trades: Number of trades in it.
    """

    pair: KrakenPair
    body: bytes
    trades: int = MOST_TRADES


def kraken_answers(records: int) -> list[list[Answer]]:
    """Pages of 1,000 trades, one of each of 16 pairs, then the next one of each, and so on.

    Prices, volumes and sides are those of a recorded page, over and over; ids and times are not.

    Args:
        records: Minimum number of trades.
    """
    turns = -(-records // (_PAIRS * MOST_TRADES))
    tapes = synthetic_tapes(
        load_recording(DEFAULT_RECORDING), count=turns * MOST_TRADES, pairs=_PAIRS
    )
    return [[_page(tape, turn * MOST_TRADES) for tape in tapes] for turn in range(turns)]


def _page(tape: SyntheticTape, start: int) -> Answer:
    """Return the page that starts with the trade of this number."""
    page = turn_page(tape, since=tape.cursor(start) - 1, count=MOST_TRADES, now=0)
    names = tape.pair
    symbol = canonical_symbol(names.wsname)
    return Answer(
        KrakenPair(names.rest_name, names.wsname, names.altname, symbol), write_page(page)
    )
