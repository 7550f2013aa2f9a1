"""The pyspark of this environment: its Ivy, its jars and its default settings."""

import importlib.metadata
import re
import sys
import sysconfig
from pathlib import Path
from typing import Final

from infra.jars.errors import PysparkMissing

__all__ = ["PysparkHome", "find_pyspark", "is_version_of", "with_python"]

_PYTHON_KEYS: Final = ("spark.pyspark.python", "spark.pyspark.driver.python")

_FIND_SPARK_HOME: Final = """\
#!/usr/bin/env bash
# Written by `python -m infra.jars`. pyspark's own asks the first python3 on PATH where pyspark is,
# which an environment that is not activated does not answer.
export SPARK_HOME="${{SPARK_HOME:-{home}}}"
"""
"""Sourced by every Spark program in the environment's bin folder."""


_LOG4J2: Final = """\
# Written by `python -m infra.jars`. Spark's own default logs every step of its start at INFO.
rootLogger.level = warn
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %d{yyyy-MM-dd HH:mm:ss} %p %c{1}: %m%n%ex
# Warns about the machine's host name; the programs here bind to explicit addresses.
logger.utils.name = org.apache.spark.util.Utils
logger.utils.level = error
logger.native.name = org.apache.hadoop.util.NativeCodeLoader
logger.native.level = error
"""


def is_version_of(artifact: str, jar_name: str) -> bool:
    """Return whether a jar is a version of an artefact: commons-pool-1.5.4.jar of commons-pool."""
    return re.fullmatch(rf"{re.escape(artifact)}-\d.*\.jar", jar_name) is not None


def with_python(defaults: str, python: str) -> str:
    """Return a spark-defaults.conf whose driver and workers run `python`; keep other settings."""
    kept = [line for line in defaults.splitlines() if not line.strip().startswith(_PYTHON_KEYS)]
    return "\n".join([*kept, *(f"{key} {python}" for key in _PYTHON_KEYS)]) + "\n"


class PysparkHome:
    """The folder of an installed pyspark."""

    def __init__(self, distribution: importlib.metadata.Distribution) -> None:
        self._distribution = distribution
        self.folder: Final = Path(str(distribution.locate_file("pyspark")))

    @property
    def jars(self) -> Path:
        """The folder with the jars of every Spark program's class path."""
        return self.folder / "jars"

    @property
    def defaults(self) -> Path:
        """The settings that every Spark program of this environment starts with."""
        return self.folder / "conf" / "spark-defaults.conf"

    @property
    def ivy_jar(self) -> Path:
        """Ivy, which pyspark contains for spark-submit's --packages.

        Raises:
            PysparkMissing: This pyspark has no Ivy.
        """
        found = sorted(self.jars.glob("ivy-*.jar"))
        if not found:
            raise PysparkMissing(f"No ivy-*.jar in {self.jars}; install pyspark again")
        return found[-1]

    def ships(self, artifact: str) -> bool:
        """Return whether pyspark itself contains a version of an artefact; ignore added jars."""
        files = self._distribution.files or []
        return any(is_version_of(artifact, f.name) for f in files if f.parent.name == "jars")

    def is_wired(self) -> bool:
        """Return whether `wire` has nothing to do."""
        return all(_read(path) == text for path, text in self._wiring().items())

    def wire(self) -> None:
        """Make `bin/spark-submit` work even if this environment is not activated.

        Replace files instead of writing to them: an installer may have hard-linked them to its
        cache.
        """
        for path, text in self._wiring().items():
            path.parent.mkdir(exist_ok=True)
            partial = path.with_name(f"{path.name}.partial")
            partial.write_text(text, encoding="utf-8")
            partial.chmod(0o755)
            partial.replace(path)

    def _wiring(self) -> dict[Path, str]:
        """Return the files that tell Spark its home and its interpreter, with their content."""
        defaults = self.defaults
        find_spark_home = Path(sysconfig.get_path("scripts"), "find-spark-home")
        return {
            defaults: with_python(_read(defaults), _environment_python()),
            defaults.with_name("log4j2.properties"): _LOG4J2,
            find_spark_home: _FIND_SPARK_HOME.format(home=self.folder),
        }


def _environment_python() -> str:
    """Return the same path whether `python` or `python3` runs this program."""
    python = Path(sysconfig.get_path("scripts"), "python")
    return str(python) if python.exists() else sys.executable


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def find_pyspark() -> PysparkHome:
    """Return the pyspark of this environment, without importing it.

    Raises:
        PysparkMissing: This environment has no pyspark.
    """
    try:
        return PysparkHome(importlib.metadata.distribution("pyspark"))
    except importlib.metadata.PackageNotFoundError as error:
        raise PysparkMissing(
            f"{sys.executable} has no pyspark; install the project's requirements into it"
        ) from error
