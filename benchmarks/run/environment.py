"""The environment of every measurement: broker and registry, a folder, the sizes."""

import os
import shutil
import sys
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

__all__ = ["ROOT", "Environment", "programs_of"]

ROOT: Final = Path(__file__).resolve().parents[2]


def programs_of(checkout: Path) -> Path:
    """Return the folder of the programs that a checkout's environment has."""
    own = checkout / ".venv" / "bin"
    return Path(sys.executable).parent if checkout == ROOT or not own.exists() else own


@dataclass(frozen=True)
class Environment:
    """The bench's own stack and folders.

    Attributes:
        stack: A broker and a registry, up.
        folder: The folder for the measured programs' files; emptied before each.
        sizes: How much to measure.
        cores: Cores that each measured program may use, if it has such a setting.
        log: Prints a message.
        only: Measure only what has this in its name.
        checkout: The checkout whose programs run, by its own environment if it has one; by default
            this one.
        against: Another checkout of the platform, to compare with; None: there is none.
        more: Further environment variables of the measured programs.
        failures: The failures so far.
    """

    stack: EmbeddedStack
    folder: Path
    sizes: Sizes
    cores: int
    log: Callable[[str], None]
    only: str = ""
    checkout: Path = ROOT
    against: Path | None = None
    more: Mapping[str, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def failed(self, failure: Exception) -> None:
        """Print a failure, and keep it for the end of the run."""
        is_complete = isinstance(failure, ProgramFailed)
        message = str(failure) if is_complete else f"{type(failure).__name__}: {failure}"
        self.failures.append(message)
        self.log(f"  FAILED: {message}")

    @property
    def python(self) -> Path:
        """The interpreter of the checkout's environment."""
        return programs_of(self.checkout) / "python"

    @property
    def registry(self) -> Registry:
        """A client of the stack's registry."""
        return Registry(RegistrySettings(url=self.stack.registry_url))

    def topic(self, filling: Filling) -> str:
        """Return a topic with these records; fill it unless an earlier run has."""
        self.log(f"a topic of {filling.records:,} records")
        return fill(self.stack.bootstrap_servers, self.registry, filling)

    def fresh_folder(self, name: str) -> Path:
        """Return an empty folder for one program."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def environment(self) -> Mapping[str, str]:
        """Return environment variables with the stack's addresses and the packages' path."""
        return {
            **{name: "" for name in os.environ if name.startswith(("KAFKA_", "SCHEMA_"))},
            **self.stack.env(),
            "PYTHONPATH": str(self.checkout),
            "LOG_LEVEL": "warning",
            **self.more,
        }
