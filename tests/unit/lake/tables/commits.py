"""Commits of a log without a lake: what they add, remove and merge."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from lake.id_ranges import Run
from lake.log.commit import Commit, CommitRange, DataFile, OffsetRange, Role, Source
from tests.unit.lake.lakes import HOUR

AT = datetime(2026, 1, 30, 18, 5, tzinfo=UTC)
MICROS = 1_769_796_000_000_000
"""2026-01-30 18:00 UTC, in microseconds since 1970."""
OTHER_HOUR = HOUR.replace("hour=18", "hour=19")
SOURCE = Source(cluster_id="c1", topic="kraken.trades", topic_id="t1")


def file(name: str, *runs: Run, folder: str = HOUR, times: bool = True) -> DataFile:
    """A file of these ids; the time of each is its number of microseconds after the hour began."""
    first, last = runs[0][0], runs[-1][1]
    return DataFile(
        path=f"KRAKEN/{folder}/{name}.parquet",
        staged=f"_platform/KRAKEN/staging/stream/r1/{name}.parquet",
        rows=sum(end - start + 1 for start, end in runs),
        bytes=1_000 + first,
        symbol="BTC_USD",
        ids=runs,
        first_at=MICROS + first if times else None,
        last_at=MICROS + last if times else None,
    )


def commit(
    number: int,
    *files: DataFile,
    removed: Sequence[DataFile] = (),
    role: Role | None = None,
    reread: CommitRange | None = None,
) -> Commit:
    """A commit, written one second after the one before; one that removes is of maintenance."""
    return Commit(
        number=number,
        committed_at=AT + timedelta(seconds=number),
        role=role or (Role.MAINTENANCE if removed else Role.STREAM),
        run_id="r1",
        source=SOURCE,
        offsets={0: OffsetRange(start=number - 1, end=number)},
        files=files,
        removed_files=tuple(removed),
        reread=reread,
    )
