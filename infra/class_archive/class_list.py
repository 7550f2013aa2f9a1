r"""classes.txt: the classes that the stream loads, one a line, and the lambdas that it makes.

java/lang/Object
org/apache/spark/sql/catalyst/expressions/Add
@lambda-proxy org/apache/spark/SparkContext applyVoid ...

It is in the format of Java's -XX:DumpLoadedClassList, which writes the list at the end of a run:

    .venv/bin/spark-submit --driver-java-options -XX:DumpLoadedClassList=loaded.txt \
        spark_consumer/main.py --once
    .venv/bin/python -m infra.class_archive --list loaded.txt

It has to be written again after an update of Spark. Java leaves out what it does not find.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

__all__ = ["CLASS_LIST", "class_names", "sorted_list"]

CLASS_LIST: Final = Path(__file__).with_name("classes.txt")


def sorted_list(lists: Iterable[str]) -> str:
    """Return one list of all, without comments and without what no archive can hold.

    Sorted, so that two lists can be compared; classes come before lambdas.
    """
    lines = {line for text in lists for line in text.splitlines() if _can_be_archived(line)}
    return "".join(f"{line}\n" for line in sorted(lines, key=lambda line: (line[0] == "@", line)))


def class_names(text: str) -> Iterator[str]:
    """Return the names of the classes in a list: java/lang/Object."""
    return (line.split()[0] for line in text.splitlines() if line[0] not in "@#")


def _can_be_archived(line: str) -> bool:
    # Classes of other loaders have the file that they came from, which is somewhere else here.
    return bool(line) and not line.startswith("#") and " source: " not in line
