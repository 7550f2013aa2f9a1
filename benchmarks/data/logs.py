"""Commit logs without a lake: synthetic commits, written in the log's own format.

A commit lands one small file of each of eight pairs. After every thousand commits each pair's files
are compacted to one. None of the files exists, since reading a log opens none of them.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from benchmarks.data.pairs import many_pairs
from lake.layout import LakeLayout, folder_of, symbol_to_folder
from lake.log.commit import Commit, DataFile, OffsetRange, Role, Source
from lake.storage.object_path import on_disk

__all__ = ["write_log"]

_PAIRS: Final = 8
_ROWS: Final = 30
_PER_HOUR: Final = 1_000
_START: Final = datetime(2025, 1, 10, tzinfo=UTC)
_SOURCE: Final = Source(cluster_id="synthetic", topic="synthetic", topic_id="synthetic")


def write_log(layout: LakeLayout, commits: int) -> None:
    """Write a log of so many commits; the newest one lands nothing."""
    folder = on_disk(layout.commits, "The bench")
    folder.mkdir(parents=True)
    for commit in _commits(commits):
        _path(folder, commit.number).write_text(commit.model_dump_json())


def _path(folder: Path, number: int) -> Path:
    return folder / f"{number:020d}.json"


def _commits(count: int) -> Iterator[Commit]:
    symbols = [symbol_to_folder(pair.symbol) for pair in many_pairs(_PAIRS)]
    small: list[DataFile] = []
    compactions: list[list[DataFile]] = []
    hour = 0
    for number in range(1, count):
        if compactions:
            replaced = compactions.pop()
            yield _commit(number, hour, Role.MAINTENANCE, (_merged(number, replaced),), replaced)
            continue
        at = _START + timedelta(hours=hour)
        files = tuple(_file(number, symbol, at) for symbol in symbols)
        small += files
        yield _commit(number, hour, Role.STREAM, files)
        if len(small) == _PER_HOUR * _PAIRS:
            compactions = [small[pair::_PAIRS] for pair in range(_PAIRS)]
            small, hour = [], hour + 1
    yield _commit(count, hour, Role.STREAM)


def _commit(
    number: int,
    hour: int,
    role: Role,
    files: tuple[DataFile, ...] = (),
    removed: list[DataFile] | None = None,
) -> Commit:
    return Commit(
        number=number,
        committed_at=_START + timedelta(hours=hour),
        role=role,
        run_id="bench",
        source=_SOURCE,
        offsets={0: OffsetRange(start=_ROWS * (number - 1), end=_ROWS * number)},
        files=files,
        removed_files=tuple(removed or ()),
    )


def _file(number: int, symbol: str, at: datetime) -> DataFile:
    name = f"part-{number:010d}-00000.parquet"
    return DataFile(
        path=f"KRAKEN/{folder_of(at, symbol)}/{name}",
        staged=f"_platform/KRAKEN/staging/stream/bench/{number}/trades/{symbol}.parquet",
        rows=_ROWS,
        bytes=1_000,
        checksum=f"{number:032x}",
        symbol=symbol,
        ids=((_ROWS * (number - 1) + 1, _ROWS * number),),
    )


def _merged(number: int, replaced: list[DataFile]) -> DataFile:
    first, last = replaced[0], replaced[-1]
    return first.model_copy(
        update={
            "path": f"{first.folder}/part-{number:010d}-00000.parquet",
            "rows": _ROWS * len(replaced),
            "ids": tuple(run for file in replaced for run in file.ids)
            if first.ids[0][1] + 1 != replaced[1].ids[0][0]
            else ((first.ids[0][0], last.ids[-1][1]),),
        }
    )
