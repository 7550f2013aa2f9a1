"""Lakes of several hours, and retiring some of them."""

import os
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa

from lake.id_ranges import IdRanges
from lake.layout import LakeLayout
from lake.log.commit import Role
from lake.log.snapshot import read_snapshot
from lake.verify.proofs import kept_proofs, proof_of
from lake.verify.references import NO_REFERENCES, References
from lake.verify.result import Verification
from lake.verify.verification import verify
from lake.verify.verified_record import read_record, record_verification
from lake.write.retirement import Retired, Retirement
from lake.write.retirement_choice import Choice, Verified, choose
from lake.write.writer import LakeWriter
from tests.unit.lake.lakes import AT, HOUR, LONG_AFTER, compact, land, trades

VOLUME = pa.decimal128(28, 10)
AN_HOUR_AGO = 3_600_000_000_000


def of_hour(hour: int, symbol: str = "BTC_USD") -> str:
    """The folder of an hour and a pair."""
    return HOUR.replace("hour=18", f"hour={hour}").replace("BTC_USD", symbol)


def land_hour(layout: LakeLayout, hour: int, *batches: range, symbol: str = "BTC_USD") -> None:
    """Land trades of one hour with volumes, a file for each batch."""
    at = AT.replace(hour=hour)
    tables = [
        trades(ids, at).append_column("volume", pa.array([Decimal("0.5")] * len(ids), VOLUME))
        for ids in batches
    ]
    land(layout, *tables, at=at, folder=of_hour(hour, symbol))


def prove(layout: LakeLayout, references: References = NO_REFERENCES) -> Verification:
    """What `kraken-lake verify` does, over files that are older than a clock's step."""
    for path in layout.base.rglob("*.parquet"):
        before = path.stat().st_mtime_ns
        if before > datetime.now(UTC).timestamp() * 1e9 - AN_HOUR_AGO / 2:
            os.utime(path, ns=(before, before - AN_HOUR_AGO))
    found = verify(layout, references)
    record_verification(layout, found, datetime.now(UTC))
    return found


def chosen(layout: LakeLayout, before: datetime = LONG_AFTER) -> Choice:
    """What `kraken-lake retire` chooses."""
    record, kept = read_record(layout), kept_proofs(layout)
    complete = {symbol: IdRanges(hours) for symbol, hours in record.complete.items()}
    verified = Verified(record.whole_at, complete, lambda file: proof_of(layout.base, file) in kept)
    return choose(read_snapshot(layout).files.values(), before, verified)


def retire(layout: LakeLayout, before: datetime = LONG_AFTER) -> list[Retired]:
    """What `kraken-lake retire` does."""
    with LakeWriter.open(layout, run_id="m2", role=Role.MAINTENANCE) as writer:
        return list(Retirement(layout, writer, AT).run(chosen(layout, before).files))


def lake_of_hours(layout: LakeLayout, *hours: int) -> None:
    """Twenty trades in each of these hours, from id 1 on, compacted and proved."""
    for number, hour in enumerate(hours):
        first = 20 * number + 1
        land_hour(layout, hour, range(first, first + 10), range(first + 10, first + 20))
    compact(layout)
    assert prove(layout).holds
