"""Asks the producer's commands, each in a separate process.

This package knows neither Kafka nor an exchange. The producer does, and answers as JSON.
"""

import subprocess
import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import TypeVar

from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter, ValidationError

from lake.errors import ReferenceUnavailable
from lake.layout import symbol_to_folder
from lake.log.commit import Source
from lake.log.source_state import SourceState
from lake.verify.candle_answers import CandleAnswer, CandleAnswers
from lake.verify.missing_id_reasons import Ids, OpenGap, ParkedPair

__all__ = [
    "ask_candles",
    "ask_dead_letters",
    "ask_holes",
    "ask_open_gaps",
    "ask_parked",
    "ask_source",
    "ask_trade_ids",
    "read_holes",
]

T = TypeVar("T")


class _Hole(BaseModel):
    """One entry of `kraken-lake holes --json`."""

    symbol: str
    first_trade_id: int
    last_trade_id: int


class _Gap(_Hole):
    """One entry of `kraken-lake gaps --json`."""

    found_at: AwareDatetime


class _DeadLetter(BaseModel):
    """One entry of `kraken-lake dead-letters --json`."""

    symbol: str
    trade_id: int | None


class _Trade(BaseModel):
    """One entry of `kraken-lake decode`."""

    symbol: str
    trade_id: int


class _Offsets(Source):
    """The answer of `kraken-lake offsets --json`."""

    earliest: dict[int, int]
    latest: dict[int, int]
    high_watermark: dict[int, int] = Field(default={})


_HOLES = TypeAdapter(list[_Hole])
_GAPS = TypeAdapter(list[_Gap])
_DEAD_LETTERS = TypeAdapter(list[_DeadLetter])
_PARKED = TypeAdapter(list[ParkedPair])
_CANDLES = TypeAdapter(list[CandleAnswer])
_OFFSETS = TypeAdapter(_Offsets)
_TRADES = TypeAdapter(list[_Trade | None])


def read_holes(text: str) -> Ids:
    """Parse holes as `kraken-lake holes --json` lists them.

    Raises:
        ValidationError: The text is something else.
    """
    return _by_folder(_HOLES.validate_json(text))


def ask_holes() -> Ids:
    """Ask for the ids that do not exist, as the exchange confirmed.

    Raises:
        ReferenceUnavailable: The producer's program did not answer.
    """
    holes = _ask(_HOLES, "holes", "--json")
    return _by_folder(holes)


def ask_open_gaps() -> dict[str, list[OpenGap]]:
    """Ask for the ids that the producer still requests.

    Raises:
        ReferenceUnavailable: The producer's program did not answer.
    """
    gaps = defaultdict(list)
    for gap in _ask(_GAPS, "gaps", "--json"):
        run = (gap.first_trade_id, gap.last_trade_id)
        gaps[symbol_to_folder(gap.symbol)].append(OpenGap(run, gap.found_at))
    return gaps


def ask_dead_letters() -> Ids:
    """Ask for the ids of rows that the exchange sent but that are not trades.

    Raises:
        ReferenceUnavailable: The producer's program did not answer.
    """
    ids = defaultdict(list)
    for row in _ask(_DEAD_LETTERS, "dead-letters", "--json"):
        if row.trade_id is not None:
            ids[symbol_to_folder(row.symbol)].append((row.trade_id, row.trade_id))
    return ids


def ask_parked() -> list[ParkedPair]:
    """Ask for the pairs that the recorder cannot record for now.

    Raises:
        ReferenceUnavailable: The producer's program did not answer.
    """
    return _ask(_PARKED, "pairs", "--json")


def ask_candles(symbols: Collection[str]) -> CandleAnswers:
    """Ask for the exchange's one-minute candles of the last hours, for each symbol.

    Raises:
        ReferenceUnavailable: The producer's program did not answer.
    """
    names = ",".join(symbols)
    answers = _ask(_CANDLES, "candles", "--json", "--by-pair", "--pair", names)
    return CandleAnswers.of(answers)


def ask_source() -> SourceState:
    """Ask for the topic's identity and offsets.

    Raises:
        ReferenceUnavailable: The producer's program did not answer.
    """
    offsets = _ask(_OFFSETS, "offsets", "--json")
    source = Source(cluster_id=offsets.cluster_id, topic=offsets.topic, topic_id=offsets.topic_id)
    return SourceState(
        source=source,
        earliest=offsets.earliest,
        latest=offsets.latest,
        high_watermark=offsets.high_watermark,
    )


def ask_trade_ids(values: Sequence[bytes]) -> list[tuple[str, int] | None]:
    """Ask for the trade in each value; None for a value without a readable one.

    Raises:
        ReferenceUnavailable: The producer's program did not answer.
    """
    lines = "".join(f"{value.hex()}\n" for value in values)
    trades = _ask(_TRADES, "decode", stdin=lines)
    return [None if one is None else (one.symbol, one.trade_id) for one in trades]


def _ask(form: TypeAdapter[T], question: str, *arguments: str, stdin: str = "") -> T:
    command = (sys.executable, "-m", "producer", question, *arguments)
    answer = subprocess.run(  # noqa: S603 - our own program, no shell
        command, input=stdin, capture_output=True, text=True, check=False
    )
    if answer.returncode:
        reason = (answer.stderr.strip().splitlines() or ["it does not say why"])[-1]
        raise ReferenceUnavailable(
            f"`kraken-lake {question}` did not answer: {reason.removeprefix('producer: ')}"
        )
    try:
        return form.validate_json(answer.stdout)
    except ValidationError as error:
        raise ReferenceUnavailable(
            f"the answer of `kraken-lake {question}` cannot be read: "
            f"{error.errors()[0]['msg']}. Is it of the same version as this program?"
        ) from error


def _by_folder(listed: Iterable[_Hole]) -> Ids:
    holes = defaultdict(list)
    for hole in listed:
        run = (hole.first_trade_id, hole.last_trade_id)
        holes[symbol_to_folder(hole.symbol)].append(run)
    return holes
