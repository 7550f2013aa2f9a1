"""The pairs that cannot be recorded for now, reported in the log and kept in Kafka for others."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

import structlog

from producer.errors import PairParked
from producer.kafka.records import Records
from producer.model.pair_state import PairState
from producer.model.venue_errors import PairRefused, UnknownPair, UnknownRowShape
from runtime.clock import utc_now

__all__ = ["Parking", "parked_by"]

log = structlog.get_logger()

_ADVICE: Final = {
    UnknownPair: "if Kraken has delisted it, take it out of KRAKEN_PAIR",
    UnknownRowShape: (
        "start it later (START_FROM, --from) if the answer is from 2013; otherwise Kraken's format "
        "has changed, and a newer version of this program is needed"
    ),
    PairRefused: "if this stays, take it out of KRAKEN_PAIR",
}


def parked_by(symbol: str, refusal: PairRefused) -> PairParked:
    """Return the error that parks a pair that Kraken refuses, with advice."""
    advice = next(_ADVICE[kind] for kind in type(refusal).__mro__ if kind in _ADVICE)
    return PairParked(symbol, str(refusal), advice)


class Parking:
    """Which pairs are parked.

    Args:
        write: Commits records; None keeps nothing in Kafka, for a run that is meant to end.
        topic: Where the states are kept.
        exchange: The venue recorded.
        producer: The transactional id of the producer.
        held: The states that the topic holds, including other producers'.
        now: The time for new states.
    """

    def __init__(  # noqa: PLR0913  what each state says
        self,
        write: Callable[[Iterable[Records]], None] | None = None,
        *,
        topic: str = "",
        exchange: str = "",
        producer: str = "",
        held: Iterable[PairState] = (),
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._write = write
        self._topic = topic
        self._exchange = exchange
        self._producer = producer
        self._held = {state.symbol: state for state in held if state.producer == producer}
        self._parked: dict[str, PairState] = {}
        self._now = now

    @property
    def parked(self) -> dict[str, PairState]:
        """The pairs that this run has parked, by symbol."""
        return dict(self._parked)

    def park(self, parked: PairParked, retry_in: float) -> None:
        """Stop recording a pair; log it each time that it fails again.

        Args:
            parked: Which pair, and why.
            retry_in: Seconds until it is asked for again.
        """
        symbol = parked.symbol
        fields = {"symbol": symbol, "reason": parked.reason, "retry_in": round(retry_in, 1)}
        before = self._parked.get(symbol)
        if before is not None and before.reason == parked.reason:
            log.warning("pair_still_parked", **fields)
            return
        log.error("pair_parked", **fields, advice=parked.advice)
        since = before or self._held.get(symbol)
        state = PairState(
            exchange=self._exchange,
            symbol=symbol,
            reason=parked.reason,
            advice=parked.advice,
            parked_at=since.parked_at if since else self._now(),
            producer=self._producer,
            new_book=parked.new_book or (since is not None and since.new_book),
        )
        self._parked[symbol] = self._held[symbol] = state
        self._keep(symbol, state.model_dump_json().encode())

    def awaits_acceptance(self, symbol: str) -> bool:
        """Whether a new book of the pair has begun, as this run or an earlier one found."""
        state = self._held.get(symbol)
        return state is not None and state.new_book

    def resume(self, symbol: str) -> None:
        """Record the pair again. Called after each answer: mostly there is nothing to do."""
        state = self._held.pop(symbol, None)
        if state is None:
            return
        self._parked.pop(symbol, None)
        log.warning("pair_resumed", symbol=symbol, parked_at=f"{state.parked_at:%FT%TZ}")
        self._keep(symbol, None)

    def forget_all_but(self, symbols: Iterable[str]) -> None:
        """Remove this producer's states of pairs that it no longer records."""
        for symbol in sorted(set(self._held) - set(symbols)):
            del self._held[symbol]
            self._keep(symbol, None)

    def _keep(self, symbol: str, value: bytes | None) -> None:
        if self._write is not None:
            milliseconds = int(self._now().timestamp() * 1000)
            self._write([Records(self._topic, symbol.encode(), [value], milliseconds)])
