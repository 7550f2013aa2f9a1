"""Finds out which of the trades that a lake lacks are in its quarantine."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import duckdb

from lake.errors import ReferenceUnavailable
from lake.id_ranges import Run
from lake.layout import symbol_from_folder, symbol_to_folder
from lake.read.duckdb_batches import open_duckdb
from lake.storage.local_copies import local_names
from lake.storage.object_path import LakePath

__all__ = ["TradeIds", "find_trades"]

TradeIds = Callable[[Sequence[bytes]], Sequence[tuple[str, int] | None]]
"""Decodes values to the symbol and id of the trade in each; None where no trade can be read."""

_LONGEST_VALUE: Final = 16_384
_MOST_DECODED: Final = 100_000
"""The most records that are decoded; the others are only counted, by their key."""
_FETCHED: Final = 1_000
_BATCH_BYTES: Final = 32 << 20
"""Bytes of values that are decoded together: whoever decodes them is started for each batch."""
_COUNTS: Final = """
    SELECT key, count(*) FROM read_parquet($paths) WHERE list_contains($keys, key) GROUP BY key
"""
# A Kafka header may name the schema instead of a prefix: its value, put before the record's value,
# gives the prefix framing of the same record.
_VALUES: Final = """
    SELECT key, coalesce(
        list_filter(headers, lambda one: one.key = '__value_schema_id')[-1].value, ''::BLOB
    ) || value FROM read_parquet($paths)
    WHERE list_contains($keys, key) AND octet_length(value) <= $longest
    LIMIT $most
"""


def find_trades(
    paths: Iterable[LakePath], folders: Iterable[str], decode: TradeIds | None
) -> tuple[dict[str, list[Run]], dict[str, int]]:
    """Find the trades of these pairs that are in quarantine.

    Args:
        paths: the files in quarantine that can be read.
        folders: the symbol folders of the pairs; their records have the symbol as key.
        decode: decodes values; None to decode nothing.

    Returns:
        The ids of the trades that could be decoded, and how many other records there are, both per
        symbol folder.

    Raises:
        duckdb.Error: A file vanished meanwhile.
    """
    keys = [symbol_from_folder(folder).encode() for folder in folders]
    listed = sorted(paths)  # The order of the commits. DuckDB keeps it, without sorting values.
    limits = {"longest": _LONGEST_VALUE, "most": _MOST_DECODED}
    if not listed or not keys:
        return {}, {}
    with open_duckdb() as connection, local_names(listed) as local:
        names = {"paths": local, "keys": keys}
        counts = connection.execute(_COUNTS, names).fetchall()
        left = Counter({symbol_to_folder(key.decode()): number for key, number in counts})
        found: dict[str, list[Run]] = defaultdict(list)
        if decode is not None:
            for keys_of, values in _in_batches(connection.execute(_VALUES, {**names, **limits})):
                for key, trade in zip(keys_of, _decoded(decode, values), strict=True):
                    if trade is not None:
                        found[symbol_to_folder(trade[0])].append((trade[1], trade[1]))
                        left[symbol_to_folder(key.decode())] -= 1
    return dict(found), dict(+left)


def _in_batches(records: duckdb.DuckDBPyConnection) -> Iterator[tuple[list[bytes], list[bytes]]]:
    """Yield keys and values, of so many records at a time that they fit in memory."""
    keys: list[bytes] = []
    values: list[bytes] = []
    while fetched := records.fetchmany(_FETCHED):
        keys += [key for key, _ in fetched]
        values += [value for _, value in fetched]
        if sum(map(len, values)) >= _BATCH_BYTES:
            yield keys, values
            keys, values = [], []
    if values:
        yield keys, values


def _decoded(decode: TradeIds, values: Sequence[bytes]) -> Sequence[tuple[str, int] | None]:
    """Decode the values; without an answer return None for each: the gap is reported anyway."""
    try:
        return decode(values)
    except ReferenceUnavailable:
        return [None] * len(values)
