"""`python -m infra.class_archive`: make the archive of Spark's classes, unless there is one.

Spark starts without it, too: a failure is printed, and the exit status is 0.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from infra.class_archive.archive import ClassArchive
from infra.class_archive.class_list import CLASS_LIST, sorted_list
from infra.class_archive.defaults import with_archive
from infra.class_archive.errors import ArchiveFailed
from infra.class_archive.making import make, remove_others
from infra.jars.errors import PysparkMissing
from infra.jars.installation import exclusive
from infra.jars.pyspark_home import find_pyspark
from infra.java import JavaError, find_java
from runtime.output import outlive_readers

__all__ = ["install", "main"]


def install(archive: ClassArchive, defaults: Path) -> None:
    """Make the archive if there is none that fits, and name it in Spark's settings.

    Args:
        archive: the archive.
        defaults: the spark-defaults.conf of its pyspark.

    Raises:
        ArchiveFailed: Java made none.
        OSError: pyspark's folder cannot be read or written.
    """
    file = archive.file
    settings = defaults.read_text(encoding="utf-8")
    wanted = with_archive(settings, archive.jars, file)
    if file.exists() and settings == wanted:
        return
    archive.folder.mkdir(exist_ok=True)
    with exclusive(archive.folder, lambda: _say("waiting for another process that makes it")):
        if not file.exists():
            began = time.monotonic()
            _say("making it, so that Spark starts faster")
            make(archive)
            megabytes = file.stat().st_size / 1e6
            _say(f"{megabytes:.0f} MB in {time.monotonic() - began:.0f} s -> {file}")
        _replace(defaults, wanted)
        remove_others(file)


def _replace(file: Path, text: str) -> None:
    """Replace it, instead of writing to it: a program that reads it sees the old or the new."""
    partial = file.with_name(f"{file.name}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(file)


def _say(what: str) -> None:
    sys.stdout.write(f"Archive of Spark's classes: {what}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str]) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m infra.class_archive", description=__doc__)
    parser.add_argument(
        "--list",
        nargs="+",
        type=Path,
        metavar="FILE",
        help=f"write {CLASS_LIST.name} again, from lists of -XX:DumpLoadedClassList",
    )
    parsed = parser.parse_args(arguments)
    try:
        if parsed.list:
            lists = [file.read_text(encoding="utf-8") for file in parsed.list]
            CLASS_LIST.write_text(sorted_list(lists), encoding="utf-8")
            return 0
        pyspark = find_pyspark()
        install(ClassArchive(find_java(), pyspark.folder), pyspark.defaults)
    except (ArchiveFailed, JavaError, PysparkMissing, OSError) as error:
        _say(f"none, so Spark starts more slowly: {error}")
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    outlive_readers()
    sys.exit(main(sys.argv[1:]))
