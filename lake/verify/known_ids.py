"""What is known of trade ids that are not in the lake, and of pairs that are not recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict

from lake.id_ranges import Run

__all__ = ["Ids", "KnownIds", "OpenGap", "ParkedPair"]

Ids = Mapping[str, Sequence[Run]]
"""Runs of trade ids per symbol folder."""


@dataclass(frozen=True)
class OpenGap:
    """Ids that are being asked for, since no feed has brought them yet.

    Attributes:
        run: the first and the last of them.
        found_at: since when, UTC.
    """

    run: Run
    found_at: datetime


class ParkedPair(BaseModel):
    """A pair that cannot be recorded for now.

    Attributes:
        symbol: canonical.
        reason: why not, a sentence.
        advice: what to do about it.
        parked_at: since when, UTC.
    """

    model_config = ConfigDict(frozen=True)

    symbol: str
    reason: str = ""
    advice: str = ""
    parked_at: AwareDatetime


@dataclass(frozen=True)
class KnownIds:
    """What is known of ids that have not landed.

    Attributes:
        holes: ids that the exchange confirmed not to exist.
        dead_letters: ids of rows that the exchange sent and that are no trade.
        open_gaps: ids that are being asked for, per symbol folder.
        quarantined: ids of trades in quarantine that could be decoded.
        undecoded: how many other records are in quarantine, per symbol folder of their key.
    """

    holes: Ids = field(default_factory=dict)
    dead_letters: Ids = field(default_factory=dict)
    open_gaps: Mapping[str, Sequence[OpenGap]] = field(default_factory=dict)
    quarantined: Ids = field(default_factory=dict)
    undecoded: Mapping[str, int] = field(default_factory=dict)
