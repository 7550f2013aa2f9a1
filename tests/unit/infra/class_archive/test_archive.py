import os
from collections.abc import Callable

import pytest

from infra.class_archive.archive import ClassArchive


def touch_jar(archive: ClassArchive) -> None:
    """A jar with another time."""
    os.utime(archive.jars / "a.jar", (2, 2))


def add_jar(archive: ClassArchive) -> None:
    """One more jar."""
    (archive.jars / "c.jar").write_text("c", encoding="utf-8")


def update_java(archive: ClassArchive) -> None:
    """The next version of Java."""
    modules = archive.java.path.parents[1] / "lib" / "modules"
    modules.write_text("java 17.0.15", encoding="utf-8")


def change_list(archive: ClassArchive) -> None:
    """Other classes."""
    archive.class_list.write_text("java/lang/String\n", encoding="utf-8")


@pytest.mark.parametrize("change", [touch_jar, add_jar, update_java, change_list])
def test_another_java_jar_or_list_is_another_archive(
    archive_by: Callable[[str], ClassArchive], change: Callable[[ClassArchive], None]
) -> None:
    """Whatever Java would reject the archive for changes its name."""
    archive = archive_by("exit 0")
    before = archive.file
    change(archive)
    assert archive.file.parent == before.parent
    assert archive.file != before


def test_the_name_stays_as_long_as_nothing_changes(
    archive_by: Callable[[str], ClassArchive],
) -> None:
    """Files that are not on the class path do not count."""
    archive = archive_by("exit 0")
    before = archive.file
    (archive.jars / ".installed").write_text("receipt", encoding="utf-8")
    assert archive.file == before
