"""What the figures were measured on: the machine, its load, and the versions."""

import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from infra.jars.groups import GROUPS
from infra.java import find_java

__all__ = ["Load", "machine", "versions"]

_PACKAGES: Final = (
    "aiokafka",
    "confluent-kafka",
    "duckdb",
    "fastavro",
    "msgspec",
    "polars",
    "pyarrow",
    "pyspark",
    "websockets",
)


def machine(root: Path) -> Mapping[str, str | int | float]:
    """Return the machine's processor, cores, memory, free disk space and system."""
    files = os.statvfs(root)
    return {
        "processor": _field(Path("/proc/cpuinfo"), "model name"),
        "cores": os.cpu_count() or 0,
        "memory_gb": round(int(_field(Path("/proc/meminfo"), "MemTotal").split()[0]) / 1e6, 1),
        "free_disk_gb": round(files.f_bavail * files.f_frsize / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
    }


def versions(root: Path) -> Mapping[str, str]:
    """Return the versions of everything that takes part."""
    packages = {name: importlib.metadata.version(name) for name in _PACKAGES}
    archives = {
        group.name: ", ".join(f"{one.name} {one.version}" for one in group.roots)
        for group in GROUPS.values()
    }
    return {
        "kraken-lake": _commit(root),
        "python": platform.python_version(),
        "java": str(find_java().version),
        **packages,
        **archives,
    }


class Load:
    """The load average over a run, since other load affects the figures."""

    def __init__(self) -> None:
        self._seen: list[float] = []
        self.note()

    def note(self) -> None:
        """Record the load now."""
        self._seen.append(os.getloadavg()[0])

    def summary(self) -> Mapping[str, float]:
        """Return the load before anything was measured, and the highest."""
        return {"before": round(self._seen[0], 2), "highest": round(max(self._seen), 2)}


def _commit(root: Path) -> str:
    command = ["git", "-C", str(root), "describe", "--always", "--dirty"]
    try:
        answer = subprocess.run(  # noqa: S603 - fixed arguments, no shell
            command, capture_output=True, text=True, check=False
        )
    except OSError:
        return "unknown"
    return answer.stdout.strip() or "unknown"


def _field(file: Path, name: str) -> str:
    """Return the value of the first `name: value` in a file of /proc."""
    for line in file.read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "0"
