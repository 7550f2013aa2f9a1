"""What is asked of the producer's programs, each in a process of its own.

This package knows neither Kafka nor an exchange. The producer does, and tells it as JSON.
"""

import subprocess
import sys
from collections import defaultdict
from collections.abc import Collection
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from lake.candle_audit import Candle
from lake.commit import Source
from lake.completeness import Holes
from lake.errors import WitnessSilent
from lake.layout import symbol_to_folder
from lake.source_state import SourceState

__all__ = ["ask_candles", "ask_holes", "ask_source", "read_holes"]

T = TypeVar("T")


class _Hole(BaseModel):
    """One of `python -m producer holes --json`."""

    symbol: str
    first_trade_id: int
    last_trade_id: int


class _Offsets(Source):
    """What `python -m producer offsets --json` tells."""

    earliest: dict[int, int]
    latest: dict[int, int]


_HOLES = TypeAdapter(list[_Hole])
_CANDLES = TypeAdapter(list[Candle])
_OFFSETS = TypeAdapter(_Offsets)


def read_holes(text: str) -> Holes:
    """Holes as `python -m producer holes --json` lists them.

    Raises:
        ValidationError: the text is something else.
    """
    return _by_folder(_HOLES.validate_json(text))


def ask_holes() -> Holes:
    """The ids that the exchange confirmed not to exist.

    Raises:
        WitnessSilent: the producer's program did not tell.
    """
    return _by_folder(_ask(_HOLES, "holes"))


def ask_candles(symbols: Collection[str]) -> list[Candle]:
    """What the exchange tells of the last hours of each symbol, minute by minute.

    Raises:
        WitnessSilent: the producer's program did not tell.
    """
    return _ask(_CANDLES, "candles", "--pair", ",".join(symbols))


def ask_source() -> SourceState:
    """The topic as it stands.

    Raises:
        WitnessSilent: the producer's program did not tell.
    """
    told = _ask(_OFFSETS, "offsets")
    source = Source(cluster_id=told.cluster_id, topic=told.topic, topic_id=told.topic_id)
    return SourceState(source=source, earliest=told.earliest, latest=told.latest)


def _ask(form: TypeAdapter[T], question: str, *arguments: str) -> T:
    command = (sys.executable, "-m", "producer", question, "--json", *arguments)
    answer = subprocess.run(  # noqa: S603 - our own program, no shell
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if answer.returncode:
        reason = (answer.stderr.strip().splitlines() or ["it does not say why"])[-1]
        raise WitnessSilent(
            f"`python -m producer {question}` did not tell: {reason.removeprefix('producer: ')}"
        )
    try:
        return form.validate_json(answer.stdout)
    except ValidationError as error:
        raise WitnessSilent(
            f"`python -m producer {question}` told what cannot be read, "
            f"{error.errors()[0]['msg']}: is it of the same version as this program?"
        ) from error


def _by_folder(listed: list[_Hole]) -> Holes:
    holes = defaultdict(list)
    for hole in listed:
        run = (hole.first_trade_id, hole.last_trade_id)
        holes[symbol_to_folder(hole.symbol)].append(run)
    return holes
