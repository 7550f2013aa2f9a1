"""An environment's pyspark and Java, both without content."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.class_archive.archive import ClassArchive
from infra.java import Java

MakeArchive = Callable[[str], ClassArchive]


@pytest.fixture
def archive_by(tmp_path: Path) -> MakeArchive:
    """The archive of a pyspark with two jars, by a Java that is this shell script."""

    def make(script: str) -> ClassArchive:
        java = tmp_path / "jdk" / "bin" / "java"
        java.parent.mkdir(parents=True)
        java.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        java.chmod(0o755)
        (tmp_path / "jdk" / "lib").mkdir()
        (tmp_path / "jdk" / "lib" / "modules").write_text("java 17.0.1", encoding="utf-8")
        pyspark = tmp_path / "pyspark"
        (pyspark / "jars").mkdir(parents=True)
        for name in ("a.jar", "b.jar"):
            (pyspark / "jars" / name).write_text(name, encoding="utf-8")
            os.utime(pyspark / "jars" / name, (1, 1))
        (pyspark / "conf").mkdir()
        (pyspark / "conf" / "spark-defaults.conf").write_text("spark.a b\n", encoding="utf-8")
        classes = tmp_path / "classes.txt"
        classes.write_text("java/lang/Object\n", encoding="utf-8")
        return ClassArchive(Java(java, 17), pyspark, classes)

    return make
