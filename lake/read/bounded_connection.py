"""A DuckDB that reads one lake: bounded memory, and no file outside the lake."""

from pathlib import PurePath

import duckdb

from lake.read.duckdb_batches import MEMORY_LIMIT

__all__ = ["bounded_connection"]


def bounded_connection(base: PurePath, **settings: str) -> duckdb.DuckDBPyConnection:
    """Open a connection in memory whose times are UTC.

    A commit log that somebody has changed may name any path: one outside the lake is refused.

    Args:
        base: the folder that holds the lake.
        settings: more of DuckDB's settings, as SQL writes their values; they are set before the
            configuration is locked.
    """
    quoted = str(base).replace("'", "''")
    connection = duckdb.connect()
    for name, value in {
        "TimeZone": "'UTC'",
        "memory_limit": f"'{MEMORY_LIMIT}'",
        **settings,
        "allowed_directories": f"['{quoted}']",
        "enable_external_access": "false",
        "lock_configuration": "true",
    }.items():
        connection.execute(f"SET {name} = {value}")
    return connection
