"""The known reasons why trade ids are not in the lake and why pairs are not recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict

from lake.id_ranges import Run

__all__ = ["Ids", "KnownIds", "OpenGap", "ParkedPair"]

Ids = Mapping[str, Sequence[Run]]
"""Ranges of trade ids per symbol folder."""


@dataclass(frozen=True)
class OpenGap:
    """Ids that the producer still requests, since no feed has delivered them yet.

    Attributes:
        run: the first and the last of them.
        found_at: when the gap was found, UTC.
    """

    run: Run
    found_at: datetime


class ParkedPair(BaseModel):
    """A pair that cannot be recorded for now.

    Attributes:
        symbol: the canonical symbol.
        reason: why not, as a sentence.
        advice: what to do about it.
        parked_at: since when it is not recorded, UTC.
    """

    model_config = ConfigDict(frozen=True)

    symbol: str
    reason: str = ""
    advice: str = ""
    parked_at: AwareDatetime


@dataclass(frozen=True)
class KnownIds:
    """The known reasons why ids have not landed.

    Attributes:
        holes: ids that do not exist, as the exchange confirmed.
        dead_letters: ids of rows that the exchange sent but that are not trades.
        open_gaps: ids that the producer still requests, per symbol folder.
        quarantined: ids of trades in quarantine that could be decoded.
        undecoded: how many other records are in quarantine, per symbol folder of their key.
    """

    holes: Ids = field(default_factory=dict)
    dead_letters: Ids = field(default_factory=dict)
    open_gaps: Mapping[str, Sequence[OpenGap]] = field(default_factory=dict)
    quarantined: Ids = field(default_factory=dict)
    undecoded: Mapping[str, int] = field(default_factory=dict)
