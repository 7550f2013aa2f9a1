"""Servers over one state folder, which are started and stopped together."""

from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from infra.embedded.state import StateFolder

__all__ = ["ServerGroup"]


class ServerGroup(ABC):
    """Servers that run as long as the `with` block, and end with this process, however it ends.

    Args:
        state_dir: The folder for all of their state.
        jars_dir: The folder that keeps downloads.
    """

    def __init__(self, state_dir: Path, jars_dir: Path) -> None:
        self._state: Final = StateFolder(state_dir)
        self._jars_dir: Final = jars_dir
        self._exits: Final = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop the servers, the last one first, and release the state folder."""
        self._exits.close()

    @abstractmethod
    def _start(self) -> None:
        """Start the servers; what has to be undone goes to `_exits`."""

    def _hold_folder(self) -> None:
        """Keep other processes out of the state folder until the group stops."""
        self._state.hold()
        self._exits.callback(self._state.release)

    def _spawner(self, name: str) -> ThreadPoolExecutor:
        """Return the one thread that starts the servers and lives as long as they do.

        See infra.child_process.
        """
        spawner = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"{name}-spawner")
        self._exits.callback(spawner.shutdown)
        return spawner
