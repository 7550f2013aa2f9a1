"""What verifications have found so far, kept beside the commit log for the pages and the metrics.

Nothing else reads it. If it is lost, the next verification writes it again.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from lake.errors import LakeError
from lake.id_ranges import IdRanges, Run
from lake.layout import LakeLayout
from lake.storage.operations import replace
from lake.verify.result import CandleProof, Verification
from lake.verify.verified_hours import verified_hours

__all__ = ["RECORD", "VerifiedRecord", "read_record", "record_verification"]

RECORD: Final = "verified.json"
"""The file beside the folder of the commits."""
_SECONDS: Final = 3600


class VerifiedRecord(BaseModel):
    """What verifications have found.

    Attributes:
        checked_at: when the lake was verified last, UTC; None if it never was.
        commit: the newest commit of that verification.
        whole_at: the newest commit of the last verification that found no problem; 0 if none did.
        whole_checked_at: when that one ended, UTC.
        problems: how many it found, by kind.
        missing: how many ids of each symbol it found missing without a known reason.
        confirmed: how many are missing because the exchange does not have them.
        complete: hours that are complete by their ids: ranges of hours since 1970, both ends
            included, per symbol.
        against_kraken: those whose every minute was compared with Kraken's candles as well.
    """

    model_config = ConfigDict(extra="ignore")

    checked_at: AwareDatetime | None = None
    commit: int = 0
    whole_at: int = 0
    whole_checked_at: AwareDatetime | None = None
    problems: Mapping[str, int] = {}
    missing: Mapping[str, int] = {}
    confirmed: Mapping[str, int] = {}
    complete: Mapping[str, tuple[Run, ...]] = {}
    against_kraken: Mapping[str, tuple[Run, ...]] = {}

    @property
    def verified_up_to(self) -> dict[str, datetime]:
        """The end of the newest hour that is complete, per symbol, UTC."""
        return {
            symbol: datetime.fromtimestamp((hours[-1][1] + 1) * _SECONDS, UTC)
            for symbol, hours in self.complete.items()
            if hours
        }


def read_record(layout: LakeLayout) -> VerifiedRecord:
    """Read the record; an empty one if there is none that can be read."""
    try:
        return VerifiedRecord.model_validate_json((layout.platform / RECORD).read_bytes())
    except (OSError, ValidationError):
        return VerifiedRecord()


def record_verification(layout: LakeLayout, found: Verification, now: datetime) -> bool:
    """Add a verification to the record; return False if it cannot be written there.

    Hours that were compared with Kraken stay so: Kraken's candles reach back twelve hours only. A
    verification that found a problem adds no hour.
    """
    before = read_record(layout)
    record = VerifiedRecord(
        checked_at=now,
        commit=found.commits,
        whole_at=found.commits if found.holds else before.whole_at,
        whole_checked_at=now if found.holds else before.whole_checked_at,
        problems=Counter(problem.kind.value for problem in found.problems),
        missing={
            proof.symbol: sum(last - first + 1 for first, last in proof.missing)
            for proof in found.symbols
        },
        confirmed={proof.symbol: proof.confirmed for proof in found.symbols},
        complete=before.complete,
        against_kraken=before.against_kraken,
    )
    if found.holds:
        record = _with_hours(record, found, now)
    try:
        replace(layout.platform / RECORD, record.model_dump_json().encode())
    except (OSError, LakeError):
        return False  # A lake that is mounted for reading only can be verified all the same.
    return True


def _with_hours(record: VerifiedRecord, found: Verification, now: datetime) -> VerifiedRecord:
    named = verified_hours(found, now)
    complete = {
        symbol: IdRanges((_number(first), _number(last)) for first, last in runs)
        for key in ("hours", "unproved_hours")
        for symbol, runs in dict(named[key]).items()  # type: ignore[call-overload]
    }
    compared = {
        proof.symbol: inside
        for proof in found.candles
        if (inside := _compared(proof).within(complete.get(proof.symbol, IdRanges())))
    }
    return record.model_copy(
        update={
            "complete": {symbol: tuple(hours) for symbol, hours in complete.items()},
            "against_kraken": _united(record.against_kraken, compared),
        }
    )


def _compared(proof: CandleProof) -> IdRanges:
    """Return the hours between the first compared minute and the last; their ends may lack some."""
    if proof.first is None or proof.last is None:
        return IdRanges()
    first = -(-int(proof.first.timestamp()) // _SECONDS)
    last = int((proof.last + timedelta(minutes=1)).timestamp()) // _SECONDS - 1
    return IdRanges([(first, last)] if first <= last else [])


def _united(
    before: Mapping[str, Iterable[Run]], new: Mapping[str, IdRanges]
) -> dict[str, tuple[Run, ...]]:
    return {
        symbol: tuple(IdRanges([*before.get(symbol, ()), *new.get(symbol, ())]))
        for symbol in {*before, *new}
    }


def _number(hour: str) -> int:
    start = datetime.strptime(hour, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
    return int(start.timestamp()) // _SECONDS
