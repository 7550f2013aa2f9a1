"""`kraken-lake retire`: removes old hours from the lake for good, and keeps their proof."""

import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from typing import Annotated, Final

import typer

from lake.cli.durations import duration
from lake.cli.times import TIME_FORMATS, in_utc
from lake.id_ranges import IdRanges
from lake.layout import LakeLayout, symbol_from_folder
from lake.log.commit import DataFile, Role
from lake.log.existence import refuse_missing
from lake.log.retirement_file import RetiredHour
from lake.log.snapshot import read_snapshot
from lake.settings import LakeSettings
from lake.verify.proofs import kept_proofs, proof_of
from lake.verify.verified_record import VerifiedRecord, read_record
from lake.write.retirement import Retired, Retirement, with_figures
from lake.write.retirement_choice import Choice, LeftHour, Reason, Verified, choose
from lake.write.writer import LakeWriter

__all__ = ["retire_command"]

_NAMED: Final = 5
"""The most hours that are named for each reason."""


def retire_command(
    *,
    older_than: Annotated[
        str | None,
        typer.Option(
            help="Only hours that ended this long ago: 90d, 36 hours. Default: RETIRE_OLDER_THAN."
        ),
    ] = None,
    before: Annotated[
        datetime | None,
        typer.Option(
            formats=TIME_FORMATS,
            metavar="TIME",
            help="Only hours that ended by this time, UTC: 2026-01-30 or 2026-01-30T18:00Z.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be removed, and remove nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For a machine to read.")] = False,
) -> None:
    """Remove old hours from the lake for good, and keep the proof of what they held.

    An hour is removed if it is compacted and a verification has proved it; the others are listed
    with the reason and stay. Removed trades count as landed: none of them lands again.
    """
    settings = LakeSettings()
    layout = settings.layout
    end = _end(older_than, before, settings.retire_older_than)
    refuse_missing(layout)
    if dry_run:
        choice = _choose(layout, end, read_record(layout))
        files = (with_figures(layout.base, file) for file in choice.files)
        now = datetime.now(UTC)
        found = [Retired(0, tuple(RetiredHour.of(file, now, now) for file in files))]
    else:
        choice, found = _retire(layout, end)
    if as_json:
        typer.echo(json.dumps(_plain(end, found, choice.left, dry_run=dry_run)))
        return
    for line in _lines(found, choice.left, dry_run=dry_run):
        typer.echo(line)


def _retire(layout: LakeLayout, end: datetime) -> tuple[Choice, list[Retired]]:
    with LakeWriter.open(layout, run_id=secrets.token_hex(4), role=Role.MAINTENANCE) as writer:
        # The files of a later commit may not be in place yet.
        record = read_record(layout)
        choice = _choose(layout, end, record, at=writer.state.number)
        verified_at = record.whole_checked_at or datetime.now(UTC)
        return choice, list(Retirement(layout, writer, verified_at).run(choice.files))


def _choose(
    layout: LakeLayout, end: datetime, record: VerifiedRecord, at: int | None = None
) -> Choice:
    kept = kept_proofs(layout)

    def is_proved(file: DataFile) -> bool:
        proof = proof_of(layout.base, file)
        return proof is not None and proof in kept

    complete = {symbol: IdRanges(hours) for symbol, hours in record.complete.items()}
    verified = Verified(record.whole_at, complete, is_proved)
    files = read_snapshot(layout, at=at).files.values()
    return choose(files, end, verified, layout.is_live if layout.is_on_store else None)


def _end(older_than: str | None, before: datetime | None, setting: str) -> datetime:
    """Return the time by which hours have to end."""
    if older_than is not None and before is not None:
        raise typer.BadParameter("give --older-than or --before, not both")
    if before is not None:
        return in_utc(before)
    age = older_than if older_than is not None else setting
    if not age:
        raise typer.BadParameter("give --older-than or --before, or set RETIRE_OLDER_THAN")
    return datetime.now(UTC) - duration(age)


def _lines(found: Iterable[Retired], left: Sequence[LeftHour], *, dry_run: bool) -> Iterator[str]:
    """Yield a line per hour, one per reason to stay, and the sum."""
    retired = [one for commit in found for one in commit.hours]
    for hour, pairs in groupby(retired, key=attrgetter("hour")):
        inside = list(pairs)
        yield (
            f"{hour:%Y-%m-%d %H}h: {_trades(inside):,} trades of {len(inside)} "
            f"{'pair' if len(inside) == 1 else 'pairs'}"
        )
    for reason in Reason:
        staying = [one for one in left if one.reason is reason]
        if staying:
            yield f"{len(staying)} left, {reason}: {_named(staying)}. {reason.advice}"
    if not retired:
        yield "No hour is to be retired." if left else "No hour is that old."
        return
    size = sum(one.bytes for one in retired)
    done = "would be retired" if dry_run else "are retired; `kraken-lake report --retired` has them"
    yield f"{_trades(retired):,} trades, {len(retired)} files, {size:,} bytes {done}."


def _trades(hours: Iterable[RetiredHour]) -> int:
    return sum(one.trades for one in hours)


def _named(hours: Sequence[LeftHour]) -> str:
    named = ", ".join(f"{one.symbol} {one.hour:%Y-%m-%d %H}h" for one in hours[:_NAMED])
    more = len(hours) - _NAMED
    return f"{named} and {more} more" if more > 0 else named


def _plain(
    end: datetime, found: Iterable[Retired], left: Iterable[LeftHour], *, dry_run: bool
) -> dict[str, object]:
    return {
        "before": end.isoformat(),
        "dry_run": dry_run,
        "retired": [
            {
                "symbol": symbol_from_folder(one.symbol),
                "hour": one.hour.isoformat(),
                "trades": one.trades,
                "first_id": one.first_id,
                "last_id": one.last_id,
                "missing": [list(run) for run in one.missing],
                "volume": None if one.volume is None else f"{one.volume:f}",
                "bytes": one.bytes,
                "checksum": one.checksum,
                "commit": commit.commit or None,
            }
            for commit in found
            for one in commit.hours
        ],
        "left": [
            {
                "symbol": one.symbol,
                "hour": one.hour.isoformat(),
                "reason": one.reason.value,
                "advice": one.reason.advice,
            }
            for one in left
        ],
    }
