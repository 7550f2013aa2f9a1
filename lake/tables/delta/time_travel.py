"""Which version of a Delta table holds the lake as of a commit."""

from bisect import bisect_right

from lake.tables.delta.log import DeltaLog

__all__ = ["newest_up_to"]


def newest_up_to(log: DeltaLog, app_id: str, commit: int) -> tuple[int, int] | None:
    """Return the newest version that holds no commit after this one, and the commit that it holds.

    Args:
        log: the table's log.
        app_id: the app whose `txn` counts the commits.
        commit: the lake's commit.

    Returns:
        None if no such version is kept.

    Raises:
        TableDamaged: The log cannot be read.
    """
    versions = log.versions()
    if versions is None:
        return None
    # Older ones lack what they begin with.
    first = 0 if versions.files[:1] == (0,) else min(versions.checkpoints, default=0)
    kept = [version for version in versions.files if version >= first]
    at = bisect_right(kept, commit, key=lambda version: _commit_in(log, app_id, version, first))
    if not at:
        return None
    held = _commit_in(log, app_id, kept[at - 1], first)
    return (kept[at - 1], held) if held >= 0 else None


def _commit_in(log: DeltaLog, app_id: str, version: int, first: int) -> int:
    """Return the commit that a version holds; -1 if it holds none of this app."""
    for earlier in range(version, first - 1, -1):
        try:
            for action in log.header(earlier):
                if (txn := action.get("txn")) is not None and txn["appId"] == app_id:
                    return int(txn["version"])
        except FileNotFoundError:
            break  # Dropped meanwhile.
    return -1
