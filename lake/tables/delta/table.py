"""The lake's files as a Delta table in BASE_OUTPUT_PATH.

The log lies beside the exchange's folder, never below it: there a checkpoint would be one more
Parquet file for everyone who lists `KRAKEN/**/*.parquet`.
"""

import json
import time
import uuid
from collections.abc import Hashable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Final

import pyarrow as pa

from lake.errors import LakeBusy
from lake.layout import PARTITION_COLUMNS, LakeLayout
from lake.storage.local_files import storage_errors
from lake.storage.operations import written_at
from lake.tables.changes import Change
from lake.tables.delta import checkpoint
from lake.tables.delta.actions import (
    CHECKPOINT_INTERVAL,
    PROTOCOL,
    Action,
    app_id,
    changed_files,
    encoded,
    header,
    metadata,
)
from lake.tables.delta.columns import merged, of_schema, schema_string
from lake.tables.delta.files import to_table_files
from lake.tables.delta.log import FOLDER, DeltaLog
from lake.tables.delta.replacement import replace_log
from lake.tables.delta.state import TableState, read_files, read_state
from lake.tables.delta.time_travel import newest_up_to
from lake.tables.table import Position, TableFile, TableFormat

__all__ = ["DeltaTable"]

_MANY_FILES: Final = 10_000
"""A version that changes so many files gets a checkpoint at once: its JSON is slow to read."""
_SCRAPS_AFTER: Final = 60.0
"""Seconds after which a half-written file is nobody's work any more."""
_ATTEMPTS: Final = 5


class DeltaTable:
    """A Delta table over the files of one lake; implements `lake.tables.table.LakeTable`.

    Lakes of several exchanges below one BASE_OUTPUT_PATH share a table.

    Args:
        layout: the lake.
    """

    format = TableFormat.DELTA

    def __init__(self, layout: LakeLayout) -> None:
        self._layout = layout
        self._log = DeltaLog(layout.base / FOLDER)
        self._app_id = app_id(layout.exchange)
        self._state: TableState | None = None
        self._checkpoint = -1
        self._seen: Hashable | None = None
        self._was_there = False
        self._is_long = False

    def position(self) -> Position | None:
        """Return how far the table has come; None if there is none."""
        self._refresh()
        return None if self._state is None else self._position(self._state)

    def files(self) -> Mapping[str, TableFile]:
        """Return its files by path."""
        for _ in range(_ATTEMPTS):
            with suppress(FileNotFoundError):
                versions = self._log.versions()
                listed = read_files(self._log, versions) if versions else checkpoint.NO_FILES
                return to_table_files(self._layout, listed)
        raise self._busy()

    def append(self, change: Change, columns: pa.Schema, after: Position | None) -> Position | None:
        """Write one version; return None if another process was first."""
        state = self._state if after is not None and self._state is not None else TableState()
        version = 0 if after is None else after.version + 1
        actions = self._header(change, columns, state)
        content = encoded([*actions, *changed_files(change)])
        if not self._log.append(version, content, self._seen if version else None):
            return None
        state.apply(version, actions)
        self._remember(state)
        self._is_long = len(change.added) + len(change.removed) >= _MANY_FILES
        return self._position(state)

    def rebuild(self, change: Change, columns: pa.Schema) -> Position:
        """Replace the log with one that begins with this change."""
        state = TableState()
        actions = self._header(change, columns, state)
        with storage_errors(self._layout.base):
            replace_log(self._log, encoded([*actions, *changed_files(change)]))
        state.apply(0, actions)
        self._checkpoint, self._is_long = -1, len(change.added) >= _MANY_FILES
        self._remember(state)
        return self._position(state)

    def tidy(self, older_than: datetime) -> None:
        """Write a checkpoint where it is time, and drop what only old versions need."""
        state = self._state
        if state is None:
            return
        if not self._is_long and state.version - self._checkpoint < CHECKPOINT_INTERVAL:
            return
        with storage_errors(self._log.folder), suppress(FileNotFoundError):
            self._write_checkpoint()
            versions = self._log.versions()
            if versions is None:
                return
            # The newest is not enough: a reader may just have been sent to the one before.
            old = [
                version
                for version in versions.checkpoints[:-1]
                if written_at(self._log.checkpoint_path(version)) < older_than.timestamp()
            ]
            if old:
                self._log.drop_before(old[-1], versions)
            self._log.drop_scraps(time.time() - _SCRAPS_AFTER)

    def version_at(self, commit: int) -> Position | None:
        """Return the newest version that holds no commit after this one."""
        found = newest_up_to(self._log, self._app_id, commit)
        return None if found is None else Position(*found)

    def _write_checkpoint(self) -> None:
        found = read_state(self._log)
        if found is None:
            return
        state, versions = found
        files = read_files(self._log, versions)
        rows = state.header()
        content = checkpoint.as_parquet(rows, files)
        self._log.save_checkpoint(
            state.version,
            content,
            hint={
                "version": state.version,
                "size": len(rows) + files.num_rows,
                "sizeInBytes": len(content),
                "numOfAddFiles": files.num_rows,
            },
        )
        self._checkpoint, self._is_long = state.version, False

    def _header(self, change: Change, columns: pa.Schema, state: TableState) -> list[Action]:
        """Return the actions before those of the files."""
        known = _columns_in(state.metadata)
        wanted = merged(known, of_schema(columns))
        begins = not state.metadata
        meta = None
        if begins:
            meta = metadata(schema_string(wanted), str(uuid.uuid4()), change.committed_at)
        elif wanted != known:
            meta = {**state.metadata, "schemaString": schema_string(wanted)}
        protocol = PROTOCOL if begins else None
        # In a store a writer recognizes by its content what it wrote without getting the answer.
        unique = str(uuid.uuid4()) if self._layout.is_on_store else None
        exchange = self._layout.exchange
        return list(header(change, exchange, protocol=protocol, metadata=meta, txn_id=unique))

    def _refresh(self) -> None:
        """Read what is new; all of it, if this is not the log that was read before."""
        if self._state is not None and self._log.identity(self._state.version) == self._seen:
            self._read_on(self._state)
            if self._seen is not None:
                return
        for _ in range(_ATTEMPTS):
            with suppress(FileNotFoundError):
                self._read()
                return
        raise self._busy()

    def _read_on(self, state: TableState) -> None:
        """Read the versions after the one that is known."""
        known = state.version
        with suppress(FileNotFoundError):
            while True:
                state.apply(state.version + 1, self._log.header(state.version + 1))
        if state.version > known:
            # None if it was dropped since: then there are newer ones.
            self._seen = self._log.identity(state.version)

    def _read(self) -> None:
        found = read_state(self._log)
        if found is None:
            if self._was_there:
                raise self._log.damaged("its log is gone")
            self._state = None
            return
        state, versions = found
        self._refuse_other(state)
        self._checkpoint = -1 if versions.checkpoint is None else versions.checkpoint
        self._remember(state)

    def _refuse_other(self, state: TableState) -> None:
        ours = PROTOCOL["writerFeatures"]
        if state.protocol.get("writerFeatures") != ours or state.metadata.get(
            "partitionColumns"
        ) != list(PARTITION_COLUMNS):
            raise self._log.damaged("it is another program's table, or was changed by one")

    def _remember(self, state: TableState) -> None:
        self._state = state
        self._seen = self._log.identity(state.version)
        self._was_there = True

    def _position(self, state: TableState) -> Position:
        txn = state.txns.get(self._app_id)
        if txn is None:
            return Position(state.version, 0, only_ours=False)
        return Position(state.version, txn["version"], state.is_ours_since(self._app_id))

    def _busy(self) -> LakeBusy:
        return LakeBusy(
            f"versions of the Delta table in {self._layout.base} were dropped {_ATTEMPTS} times "
            "while they were read; try again."
        )


def _columns_in(table_metadata: Action) -> list[Action]:
    """Return the columns of the files, without those of the folders."""
    if not table_metadata:
        return []
    fields = json.loads(table_metadata["schemaString"])["fields"]
    return [field for field in fields if field["name"] not in PARTITION_COLUMNS]
