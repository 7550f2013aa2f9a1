"""Checks all rows of the lake, as DuckDB reads them from the plain files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from lake.id_ranges import IdRanges
from lake.layout import LakeLayout, hour_of_path, symbol_of_path
from lake.log.commit import DataFile
from lake.verify.result import Problem, ProblemKind

__all__ = ["FileRows", "Rows", "read_rows", "row_problems"]

_PER_FILE = """
    SELECT filename, count(*), min(trade_id), max(trade_id), sum(trade_id)::HUGEINT,
           count(*) FILTER (epoch_us(executed_at) NOT BETWEEN first_us AND last_us)
    FROM read_parquet($paths, filename = true, hive_partitioning = false)
    JOIN places USING (filename)
    GROUP BY ALL
"""
_REPEATED = """
    SELECT symbol, count(*) - count(DISTINCT trade_id) AS repeated
    FROM read_parquet($paths, filename = true, hive_partitioning = false)
    JOIN places USING (filename)
    GROUP BY symbol
    HAVING repeated > 0
"""
_WHERE_REPEATED = """
    WITH repeated AS (
        SELECT trade_id, list(filename ORDER BY filename) AS files
        FROM read_parquet($paths, filename = true, hive_partitioning = false)
        JOIN places USING (filename)
        WHERE symbol = $symbol
        GROUP BY trade_id
        HAVING count(*) > 1
    )
    SELECT files, count(*), min(trade_id), max(trade_id) FROM repeated GROUP BY files
    ORDER BY files
"""


@dataclass(frozen=True)
class FileRows:
    """A summary of one file's rows.

    Attributes:
        symbol: the symbol that its folder names.
        hour: the hour that its folder names.
        rows: how many.
        first_id: the lowest trade id.
        last_id: the highest.
        sum_of_ids: the sum of all trade ids.
        misplaced: how many trades were executed in another hour.
    """

    symbol: str
    hour: datetime
    rows: int
    first_id: int
    last_id: int
    sum_of_ids: int
    misplaced: int


@dataclass(frozen=True)
class Rows:
    """The rows of a lake.

    Attributes:
        files: the summary of each file.
        duplicates: rows per symbol folder whose trade is in another row too.
        problems: which files share trades.
    """

    files: Mapping[Path, FileRows]
    duplicates: Mapping[str, int]
    problems: Sequence[Problem]


def read_rows(layout: LakeLayout, committed: Sequence[Path], extra: Sequence[Path]) -> Rows:
    """Read every row of these files, which are in partition folders and readable.

    Args:
        layout: the lake that they are in.
        committed: files that the commit log names.
        extra: files that readers see although no commit names them.

    Raises:
        duckdb.Error: A file vanished meanwhile.
    """
    paths = [*committed, *extra]
    if not paths:
        return Rows({}, {}, ())
    names = {"paths": [str(path) for path in paths]}
    with duckdb.connect() as connection:
        connection.register("places", _places(paths))
        files = {
            Path(filename): FileRows(symbol_of_path(filename), hour_of_path(filename), *figures)
            for filename, *figures in connection.execute(_PER_FILE, names).fetchall()
        }
        duplicates = dict(connection.execute(_REPEATED, names).fetchall())
        repeated = [
            row
            for symbol in duplicates
            for row in connection.execute(_WHERE_REPEATED, {**names, "symbol": symbol}).fetchall()
        ]
    extras = set(extra)
    problems = []
    for sharing, *figures in repeated:
        # The problem names the last one: the extra file, which is to be moved, if there is one.
        in_order = sorted(map(Path, sharing), key=lambda file: (file in extras, file))
        problems.append(_repeated(layout, in_order, *figures))
    return Rows(files, duplicates, problems)


def row_problems(file: DataFile, rows: FileRows | None) -> list[Problem]:
    """List the problems of one committed file's rows, if they could be read."""
    problems: list[Problem] = []
    if rows is None:
        return problems
    ids = IdRanges(file.ids)
    expected = (len(ids), file.ids[0][0], file.ids[-1][1], _sum(ids))
    if (rows.rows, rows.first_id, rows.last_id, rows.sum_of_ids) != expected:
        advice = f"Not the ids {list(ids)} that were committed. Restore it from a copy of the lake."
        problems.append(Problem(ProblemKind.WRONG_IDS, file.path, advice))
    if rows.misplaced:
        advice = (
            f"{rows.misplaced} trades were executed in another hour than the folder's: readers "
            "that select by folder miss them. Land them again."
        )
        problems.append(Problem(ProblemKind.WRONG_FOLDER, file.path, advice))
    return problems


def _places(paths: Iterable[Path]) -> "pa.Table":
    """Tabulate what each file's folder names: the symbol, and the hour in microseconds."""
    names = [str(path) for path in paths]
    hours = [hour_of_path(name) for name in names]
    last = timedelta(hours=1) - timedelta(microseconds=1)
    return pa.table(
        {
            "filename": names,
            "symbol": [symbol_of_path(name) for name in names],
            "first_us": [_microseconds(hour) for hour in hours],
            "last_us": [_microseconds(hour + last) for hour in hours],
        }
    )


def _microseconds(at: datetime) -> int:
    return (at - datetime.fromtimestamp(0, at.tzinfo)) // timedelta(microseconds=1)


def _repeated(layout: LakeLayout, files: list[Path], trades: int, first: int, last: int) -> Problem:
    """Return the problem of trades that several files hold; it names the last of them."""
    *others, named = (layout.relative(file) for file in files)
    places = ", ".join(sorted(set(others) - {named})) or "the same file"
    advice = (
        f"{trades} trades, ids {first} to {last}, are also in {places}. Keep the file that the "
        "commit log names, move the other away; if it names both, restore the lake from a copy."
    )
    return Problem(ProblemKind.DUPLICATES, named, advice)


def _sum(ids: IdRanges) -> int:
    return sum((first + last) * (last - first + 1) // 2 for first, last in ids)
