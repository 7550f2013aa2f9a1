"""What the monitor measures of the tables over the lake's files."""

from contextlib import suppress
from datetime import UTC, datetime

from lake.errors import CatalogUnavailable, LakeError
from lake.layout import LakeLayout
from lake.log.commit_log import CommitLog
from lake.tables.formats import existing_formats, table_of
from lake.tables.lag import lag_at
from lake.tables.table import LakeTable, Position, TableFormat
from runtime.metrics import Metrics

__all__ = ["TableGauges"]


class TableGauges:
    """Measures how far each table is behind the lake; a format without a table has no values.

    Args:
        metrics: Where the metrics are declared.
        layout: The lake.
        catalog_uri: The catalog of its Iceberg table; empty for a file beside the lake.
    """

    def __init__(self, metrics: Metrics, layout: LakeLayout, catalog_uri: str) -> None:
        self._layout = layout
        self._catalog_uri = catalog_uri
        self._log = CommitLog(layout.commits)
        self._tables: dict[TableFormat, LakeTable] = {}
        self._positions: dict[TableFormat, Position] = {}
        self._readable = metrics.gauge(
            "kraken_lake_table_readable",
            "1 if the table over the lake's files could be read, else 0.",
            "format",
        )
        self._version = metrics.gauge(
            "kraken_lake_table_version", "The table's own newest version.", "format"
        )
        self._commits = metrics.gauge(
            "kraken_lake_table_commits_behind",
            "Commits of the lake that the table lacks.",
            "format",
        )
        self._seconds = metrics.gauge(
            "kraken_lake_table_behind_seconds",
            "For how long the oldest commit that the table lacks has been there; 0 if it lacks "
            "none.",
            "format",
        )

    def measure(self, newest: int) -> None:
        """Measure once.

        Args:
            newest: The lake's newest commit.
        """
        existing = existing_formats(self._layout)
        for kind in TableFormat:
            if kind in existing:
                self._measure(kind, newest)
            else:
                self._forget(kind)

    def _measure(self, kind: TableFormat, newest: int) -> None:
        try:
            lag = lag_at(self._position(kind), self._log, newest, datetime.now(UTC))
        except (LakeError, OSError):
            self._readable.labels(kind.value).set(0)
            # It may be another table that is there next.
            self._tables.pop(kind, None)
            return
        if lag.position is None:
            self._forget(kind)
            return
        self._version.labels(kind.value).set(lag.position.version)
        self._commits.labels(kind.value).set(lag.commits)
        self._seconds.labels(kind.value).set(lag.seconds)

    def _position(self, kind: TableFormat) -> Position | None:
        """Return where a table is, or was before its catalog stopped answering: its lag grows."""
        table = self._tables.get(kind)
        if table is None:
            table = self._tables[kind] = table_of(self._layout, kind, self._catalog_uri)
        try:
            position = table.position()
        except CatalogUnavailable:
            self._readable.labels(kind.value).set(0)
            if kind not in self._positions:
                raise
            return self._positions[kind]
        if position is not None:
            self._readable.labels(kind.value).set(1)
            self._positions[kind] = position
        return position

    def _forget(self, kind: TableFormat) -> None:
        self._tables.pop(kind, None)
        self._positions.pop(kind, None)
        for gauge in (self._readable, self._version, self._commits, self._seconds):
            with suppress(KeyError):
                gauge.remove(kind.value)
