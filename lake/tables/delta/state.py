"""How far a Delta table has come: what its log results in, but for the files."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from lake.tables.delta import checkpoint
from lake.tables.delta.actions import WRITER, Action
from lake.tables.delta.log import DeltaLog, Versions

__all__ = ["TableState", "read_files", "read_state"]


@dataclass
class TableState:
    """What all versions up to one result in, without the files.

    Attributes:
        version: the newest version.
        protocol: what readers and writers must support.
        metadata: columns, partitioning and settings.
        txns: the newest `txn` action, by its app id.
        foreign: the newest version that another program wrote; None if it is not known that any
            did.
    """

    version: int = -1
    protocol: Action = field(default_factory=dict)
    metadata: Action = field(default_factory=dict)
    txns: dict[str, Action] = field(default_factory=dict)
    foreign: int | None = None
    _of_txn: dict[str, int] = field(default_factory=dict)

    def apply(
        self, version: int, actions: Iterable[Action], *, is_checkpoint: bool = False
    ) -> None:
        """Apply the actions of the next version, or those of a checkpoint."""
        ours = is_checkpoint
        for action in actions:
            if (info := action.get("commitInfo")) is not None:
                ours = ours or _is_ours(info)
            self.protocol = action.get("protocol") or self.protocol
            self.metadata = action.get("metaData") or self.metadata
            if (txn := action.get("txn")) is not None:
                self.txns[txn["appId"]] = txn
                self._of_txn[txn["appId"]] = version
        if not ours:
            self.foreign = version
        self.version = version

    def is_ours_since(self, app_id: str) -> bool:
        """Return whether no other program wrote to the table since an app's newest `txn`."""
        return self.foreign is None or self.foreign < self._of_txn.get(app_id, -1)

    def header(self) -> list[Action]:
        """Return the actions that a checkpoint has beside the files."""
        return [
            {"protocol": self.protocol},
            {"metaData": self.metadata},
            *({"txn": txn} for txn in self.txns.values()),
        ]


def read_state(log: DeltaLog) -> tuple[TableState, Versions] | None:
    """Read how far the table has come, and the log's versions; None if there is no log.

    Raises:
        TableDamaged: It cannot be read.
        FileNotFoundError: A version was dropped meanwhile.
    """
    versions = log.versions()
    if versions is None:
        return None
    state = TableState()
    first = 0
    if versions.checkpoint is not None:
        first = versions.checkpoint + 1
        state.apply(versions.checkpoint, _header(log, versions.checkpoint), is_checkpoint=True)
    following = range(first, versions.newest + 1)
    for version, actions in zip(following, log.each(log.header, following), strict=True):
        state.apply(version, actions)
    if not state.protocol or not state.metadata:
        raise log.damaged("its first version has no protocol or no metadata")
    return state, versions


def read_files(log: DeltaLog, versions: Versions) -> "pa.Table":
    """Read the files of the newest version, a row for each, in the columns of a checkpoint.

    Raises:
        TableDamaged: They cannot be read.
        FileNotFoundError: A version was dropped meanwhile.
    """
    files, first = checkpoint.NO_FILES, 0
    if versions.checkpoint is not None:
        first = versions.checkpoint + 1
        try:
            files = checkpoint.files_in(log.checkpoint_path(versions.checkpoint))
        except FileNotFoundError:
            raise
        except (OSError, pa.ArrowException) as error:
            raise log.damaged(f"checkpoint {versions.checkpoint}: {error}") from error
    newer: dict[str, Action | None] = {}
    for actions in log.each(log.actions, range(first, versions.newest + 1)):
        for action in actions:
            _apply(newer, action)
    new = checkpoint.to_files([add for add in newer.values() if add is not None])
    return checkpoint.joined(files, newer, new)


def _apply(newer: dict[str, Action | None], action: Action) -> None:
    if (gone := action.get("remove")) is not None:
        newer[gone["path"]] = None
    elif (add := action.get("add")) is not None:
        newer[add["path"]] = add


def _header(log: DeltaLog, version: int) -> list[Action]:
    try:
        return checkpoint.header_in(log.checkpoint_path(version))
    except FileNotFoundError:
        raise
    except (OSError, pa.ArrowException) as error:
        raise log.damaged(f"checkpoint {version}: {error}") from error


def _is_ours(info: Any) -> bool:  # noqa: ANN401 - JSON of another program
    return isinstance(info, dict) and str(info.get("engineInfo", "")).startswith(WRITER)
