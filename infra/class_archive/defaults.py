"""The settings in spark-defaults.conf that make Spark's Java use the archive."""

import re
from pathlib import Path
from typing import Final

__all__ = ["with_archive", "without_archive"]

_CLASS_PATH: Final = "spark.driver.extraClassPath"
_OPTIONS: Final = "spark.driver.defaultJavaOptions"
_BEGIN: Final = "# Written by `python -m infra.class_archive`, up to the empty comment."
_END: Final = "#"
_OURS: Final = re.compile(rf"^{re.escape(_BEGIN)}\n(?:.+\n)*?{_END}\n", re.MULTILINE)
_SET_BY_USER: Final = re.compile(
    rf"^\s*(?:{re.escape(_CLASS_PATH)}|{re.escape(_OPTIONS)})\b", re.MULTILINE
)


def with_archive(defaults: str, jars: Path, archive: Path) -> str:
    """Return a spark-defaults.conf that names the archive; keep other settings.

    Java takes an archive only if its jars are the first on the class path, where Spark puts its
    folder of settings. If the user has set the class path or Java's options here, these stay, and
    the archive is not named.

    Args:
        defaults: the file's content.
        jars: the folder with Spark's jars.
        archive: the archive.
    """
    others = without_archive(defaults)
    if _SET_BY_USER.search(others):
        return others
    # Later versions than Java 17 print a warning if the archive is another version's.
    options = f'"-XX:SharedArchiveFile={archive}" -Xshare:auto -Xlog:cds*=off'
    ours = (_BEGIN, f"{_CLASS_PATH} {jars}/*", f"{_OPTIONS} {options}", _END)
    return "".join(f"{line}\n" for line in ours) + others


def without_archive(defaults: str) -> str:
    """Return a spark-defaults.conf without what `with_archive` added."""
    return _OURS.sub("", defaults)
