"""Which archive fits: its name is made from Java, the jars and the class list."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from infra.class_archive.class_list import CLASS_LIST
from infra.java import Java

__all__ = ["ClassArchive"]


@dataclass(frozen=True)
class ClassArchive:
    """The archive for one Java and one pyspark.

    Java itself checks that an archive fits, and starts without it otherwise. The name tells this
    program whether one that fits is there already, without starting Java.

    Attributes:
        java: The Java that Spark runs on.
        pyspark: The folder of the installed pyspark. The archive is put into it, since it fits
            these jars alone.
        class_list: The classes to put into it.
    """

    java: Java
    pyspark: Path
    class_list: Path = CLASS_LIST

    @property
    def jars(self) -> Path:
        """The folder with the jars of every Spark program's class path."""
        return self.pyspark / "jars"

    @property
    def folder(self) -> Path:
        """The folder with the archive."""
        return self.pyspark / "classes"

    @property
    def file(self) -> Path:
        """The archive, which may be missing.

        Raises:
            OSError: The jars or the class list cannot be read.
        """
        made_of = "\n".join(self._made_of())
        return self.folder / f"{hashlib.sha256(made_of.encode()).hexdigest()[:16]}.jsa"

    def _made_of(self) -> Iterator[str]:
        # The file with Java's own classes: an update of Java replaces it.
        modules = self.java.path.resolve().parents[1] / "lib" / "modules"
        yield _state_of(modules) if modules.exists() else str(self.java)
        # Java compares each jar's path, size and time, and their order, which `jars/*` on a class
        # path takes from the folder as it is.
        with os.scandir(self.jars) as entries:
            yield from (_state_of(Path(one)) for one in entries if one.name.endswith(".jar"))
        yield hashlib.sha256(self.class_list.read_bytes()).hexdigest()


def _state_of(file: Path) -> str:
    state = file.stat()
    return f"{file} {state.st_size} {state.st_mtime_ns}"
