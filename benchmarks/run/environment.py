"""What every measurement is given: the broker and the registry, a place to work, the sizes."""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.data.topics import Filling, fill
from benchmarks.run.processes import ProgramFailed
from benchmarks.run.sizes import Sizes
from infra.embedded import EmbeddedStack
from runtime.settings import RegistrySettings
from schemas.registry.client import Registry

__all__ = ["ROOT", "Environment"]

ROOT: Final = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Environment:
    """The bench's own stack and folders.

    Attributes:
        stack: A broker and a registry, up.
        folder: For what the measured programs write; emptied before each.
        sizes: How much is measured.
        cores: That each measured program may use, where it can be told.
        told: Is told what is at work.
        only: Measure nothing but what has this in its name.
        failures: What went wrong so far.
    """

    stack: EmbeddedStack
    folder: Path
    sizes: Sizes
    cores: int
    told: Callable[[str], None]
    only: str = ""
    failures: list[str] = field(default_factory=list)

    def failed(self, failure: Exception) -> None:
        """Note that something went wrong; it is told at the end, too."""
        is_told = isinstance(failure, ProgramFailed)
        told = str(failure) if is_told else f"{type(failure).__name__}: {failure}"
        self.failures.append(told)
        self.told(f"  FAILED: {told}")

    @property
    def registry(self) -> Registry:
        """A client of the stack's registry."""
        return Registry(RegistrySettings(url=self.stack.registry_url))

    def topic(self, filling: Filling) -> str:
        """Return a topic with that in it; filled by the first who asks, in any run."""
        self.told(f"a topic of {filling.records:,} records")
        return fill(self.stack.bootstrap_servers, self.registry, filling)

    def fresh_folder(self, name: str) -> Path:
        """Return an empty folder for one program."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def environment(self) -> Mapping[str, str]:
        """For programs of ours and of the rivals: where the stack and the packages are."""
        return {
            **{name: "" for name in os.environ if name.startswith(("KAFKA_", "SCHEMA_"))},
            **self.stack.env(),
            "PYTHONPATH": str(ROOT),
            "LOG_LEVEL": "warning",
        }
