"""The archive of classes with the real Java and the real spark-submit."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from infra.class_archive.archive import ClassArchive
from infra.class_archive.class_list import CLASS_LIST
from infra.class_archive.defaults import with_archive
from infra.class_archive.making import make
from infra.jars.pyspark_home import find_pyspark
from infra.java import find_java

FEW = re.compile(r"java/|org/apache/spark/(deploy|launcher|util)/")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> ClassArchive:
    """A small archive, for this environment's jars by a path of the test's own."""
    folder = tmp_path_factory.mktemp("archive")
    pyspark = folder / "pyspark"
    pyspark.mkdir()
    (pyspark / "jars").symlink_to(find_pyspark().jars)
    lines = CLASS_LIST.read_text(encoding="utf-8").splitlines(keepends=True)
    few = folder / "few.txt"
    few.write_text("".join(filter(FEW.match, lines)), encoding="utf-8")
    made = ClassArchive(find_java(), pyspark, few)
    make(made)
    return made


def submit(
    archive: ClassArchive, file: Path, folder: Path, *options: str
) -> "subprocess.CompletedProcess[str]":
    """`spark-submit --version`, with the settings that name this file."""
    conf = folder / "conf"
    conf.mkdir()
    named = with_archive("", archive.jars, file)
    (conf / "spark-defaults.conf").write_text(named, encoding="utf-8")
    return subprocess.run(
        [Path(sys.executable).with_name("spark-submit"), *options, "--version"],
        env={**os.environ, "SPARK_CONF_DIR": str(conf), "SPARK_PRINT_LAUNCH_COMMAND": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def classes_from_archive(log: Path) -> set[str]:
    """The classes that Java has not read from a jar."""
    found = re.findall(r"(\S+) source: shared objects file", log.read_text(encoding="utf-8"))
    return set(found)


def test_spark_submit_takes_its_classes_from_the_archive(
    archive: ClassArchive, tmp_path: Path
) -> None:
    """Java accepts it: the class path begins with the same jars."""
    log = tmp_path / "classes.log"
    logging = f"-Xlog:class+load:file={log}"
    answer = submit(archive, archive.file, tmp_path, "--driver-java-options", logging)
    assert answer.returncode == 0, answer.stderr
    assert "org.apache.spark.deploy.SparkSubmit" in classes_from_archive(log)


def complaints(answer: "subprocess.CompletedProcess[str]") -> list[str]:
    """What Java says about the archive; the command has its name, too."""
    lines = (answer.stdout + answer.stderr).splitlines()
    said = (line for line in lines if not line.startswith("Spark Command: "))
    return [line for line in said if re.search("shared|archive|cds", line, re.IGNORECASE)]


def cut(whole: Path, other: Path) -> None:
    """Half of it."""
    other.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])


def empty(_: Path, other: Path) -> None:
    """No byte."""
    other.touch()


def foreign(_: Path, other: Path) -> None:
    """Something else."""
    other.write_bytes(os.urandom(100_000))


def missing(_: Path, other: Path) -> None:
    """No file."""
    other.unlink(missing_ok=True)


@pytest.mark.parametrize("damage", [cut, empty, foreign, missing])
def test_a_file_that_is_no_archive_is_not_in_the_way(
    archive: ClassArchive, tmp_path: Path, damage: Callable[[Path, Path], None]
) -> None:
    """Spark starts without it, and says nothing about it."""
    other = tmp_path / "other.jsa"
    damage(archive.file, other)
    answer = submit(archive, other, tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert "Welcome to" in answer.stderr
    assert not complaints(answer)


def test_an_archive_of_other_jars_is_not_in_the_way(archive: ClassArchive, tmp_path: Path) -> None:
    """One jar has been replaced since: Java reads all classes from the jars."""
    updated = tmp_path / "pyspark"
    (updated / "jars").mkdir(parents=True)
    for jar in find_pyspark().jars.glob("*.jar"):
        (updated / "jars" / jar.name).symlink_to(jar)
    replaced = next((updated / "jars").glob("spark-core_*.jar"))
    original = replaced.resolve()
    replaced.unlink()
    replaced.write_bytes(original.read_bytes())
    log = tmp_path / "classes.log"
    answer = submit(
        replace(archive, pyspark=updated),
        archive.file,
        tmp_path,
        *("--driver-java-options", f"-Xlog:class+load:file={log}"),
    )
    assert answer.returncode == 0, answer.stderr
    assert not complaints(answer)
    assert "org.apache.spark.deploy.SparkSubmit" not in classes_from_archive(log)


def test_settings_are_found_behind_the_jars(archive: ClassArchive, tmp_path: Path) -> None:
    """Spark's folder of settings is still on the class path, where its logging looks for them."""
    answer = submit(archive, archive.file, tmp_path)
    (command,) = re.findall("^Spark Command: .*", answer.stderr, re.MULTILINE)
    assert f" -cp {archive.jars}/*:{tmp_path / 'conf'}/:" in command
