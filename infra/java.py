"""The Java runtime that the broker, the registry, Spark and Ivy run on."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = [
    "INSTALL_HINT",
    "NEWEST_VERSION",
    "OLDEST_VERSION",
    "Java",
    "JavaError",
    "JavaMissing",
    "JavaTooNew",
    "JavaTooOld",
    "JavaTooSmall",
    "find_java",
    "parse_version",
]

OLDEST_VERSION: Final = 17
"""Kafka 4 brokers, Spark 4 and Apicurio 3.0 need at least this version."""

NEWEST_VERSION: Final = 25
"""The newest that the platform was tried on. Spark before 4.2 ended on Java 24 and later: its
Hadoop asked for the current user by a call that they reject (HADOOP-19212)."""

_SPARKS_MODULE: Final = "jdk.incubator.vector"

INSTALL_HINT: Final = "install it with: apt-get install openjdk-17-jre-headless"


class JavaError(Exception):
    """There is no Java that the stack can run on.

    JavaError
    ├── JavaMissing   no `java` on PATH or below JAVA_HOME, or it does not start
    ├── JavaTooOld    older than `OLDEST_VERSION`
    ├── JavaTooNew    newer than `NEWEST_VERSION`
    └── JavaTooSmall  made without a module that Spark asks for
    """


class JavaMissing(JavaError):
    """No `java` was found, or the one found does not start."""


class JavaTooOld(JavaError):
    """The Java found is older than `OLDEST_VERSION`."""


class JavaTooNew(JavaError):
    """The Java found is newer than `NEWEST_VERSION`."""


class JavaTooSmall(JavaError):
    """The Java found was made without a module that Spark's launcher asks for."""


@dataclass(frozen=True)
class Java:
    """A usable Java: the program's path and its feature version (17, 21, ...)."""

    path: Path
    version: int


def parse_version(output: str) -> int | None:
    """Return the feature version from the output of `java -version`, None if it has none.

    Up to Java 8 the version was written `1.8.0_392`; since then `17.0.15`, `21`, `25-ea`.
    """
    match = re.search(r'version "(?:1\.)?(\d+)', output)
    return int(match[1]) if match else None


def find_java() -> Java:
    """Return the Java of JAVA_HOME, or else the first on PATH.

    Raises:
        JavaMissing: There is no Java, or it does not start.
        JavaTooOld: The Java found is older than `OLDEST_VERSION`.
        JavaTooNew: The Java found is newer than `NEWEST_VERSION`.
        JavaTooSmall: The Java found lacks a module that Spark asks for.
    """
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=str(Path(home, "bin")) if home else None)
    if found is None:
        where = f"below JAVA_HOME ({home})" if home else "on PATH"
        raise JavaMissing(f"No java {where}; Java {OLDEST_VERSION} is needed: {INSTALL_HINT}")
    try:
        answer = subprocess.run(  # noqa: S603 - the user's own java, no shell
            [found, "-version"], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise JavaMissing(f"{found} does not start ({error}); {INSTALL_HINT}") from error
    version = parse_version(answer.stderr + answer.stdout)
    if version is None:
        raise JavaMissing(f"{found} does not print its version; {INSTALL_HINT}")
    if version < OLDEST_VERSION:
        raise JavaTooOld(
            f"{found} is Java {version}; Java {OLDEST_VERSION} is needed: {INSTALL_HINT}"
        )
    if version > NEWEST_VERSION:
        raise JavaTooNew(
            f"{found} is Java {version}, on which Spark may not run; Java {OLDEST_VERSION} to "
            f"{NEWEST_VERSION} is needed. If another Java comes first on PATH, set JAVA_HOME: "
            f"{INSTALL_HINT}"
        )
    if _lacks_module(Path(found)):
        raise JavaTooSmall(
            f"{found} was made without the module {_SPARKS_MODULE}, which Spark starts every Java "
            f"with. Set JAVA_HOME to a whole Java, or {INSTALL_HINT}"
        )
    return Java(Path(found), version)


def _lacks_module(java: Path) -> bool:
    """Return whether the list of modules beside a Java says so; not every Java has one."""
    try:
        about = (java.resolve().parents[1] / "release").read_text(encoding="utf-8")
    except OSError:
        return False
    modules = re.search(r'^MODULES="(.*)"', about, re.MULTILINE)
    return modules is not None and _SPARKS_MODULE not in modules[1].split()


if __name__ == "__main__":
    # infra/setup.sh runs this file before there is an environment to import anything from.
    try:
        find_java()
    except JavaError as error:
        raise SystemExit(f"setup: {error}") from None
