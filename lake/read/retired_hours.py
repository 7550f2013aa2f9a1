"""The hours that were retired, as the proofs beside the commit log state them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lake.layout import LakeLayout, symbol_from_folder
from lake.log.commit import RetirementProof
from lake.log.retirement_file import RetiredHour, read_retired
from lake.log.snapshot import is_prepared, read_snapshot
from lake.storage.object_path import LakePath

__all__ = ["RetiredBy", "retired_hours", "retired_trades"]

_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True)
class RetiredBy:
    """A retired hour, and the commit that retired it.

    Attributes:
        commit: the commit's number.
        hour: what it retired of one pair and hour.
    """

    commit: int
    hour: RetiredHour


def retired_trades(layout: LakeLayout) -> int:
    """Count the trades that were retired; no proof is read.

    Raises:
        LakeDamaged: A commit is unreadable.
    """
    if not layout.retired.exists():
        return 0
    return sum(proof.trades for proof in read_snapshot(layout).retired.values())


def retired_hours(
    layout: LakeLayout, symbols: Collection[str] = (), since: datetime | None = None
) -> list[RetiredBy]:
    """Read the retired hours, by symbol and hour.

    An hour is there twice if late trades landed in it after it was retired, and were retired too.

    Args:
        layout: the lake.
        symbols: the canonical symbols to read; empty for all.
        since: leave out hours that had ended by this time, UTC.

    Raises:
        LakeDamaged: A commit or a proof is unreadable.
    """
    found = [
        RetiredBy(proof.commit, hour)
        for proof in read_snapshot(layout).retired.values()
        for hour in read_retired(_where(layout, proof))
        if (not symbols or symbol_from_folder(hour.symbol) in symbols)
        and (since is None or hour.hour + _HOUR > since)
    ]
    return sorted(found, key=lambda one: (one.hour.symbol, one.hour.hour, one.commit))


def _where(layout: LakeLayout, proof: RetirementProof) -> LakePath:
    """Return where a proof is: under staging until the files that it is about are removed."""
    waits = is_prepared(layout.base, proof)
    return layout.base / (proof.staged if waits else proof.path)
