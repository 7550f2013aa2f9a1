"""A Java archive: its Maven coordinates, and the size and checksum that were locked."""

import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

__all__ = ["Coordinates", "LockedArtifact", "sha256_of"]


@dataclass(frozen=True, order=True)
class Coordinates:
    """Identify one archive, written `org:name:extension[:classifier]:version`."""

    organisation: str
    name: str
    version: str
    extension: str = "jar"
    classifier: str = ""

    def __str__(self) -> str:
        middle = [self.extension, self.classifier] if self.classifier else [self.extension]
        return ":".join([self.organisation, self.name, *middle, self.version])

    @classmethod
    def parse(cls, text: str) -> "Coordinates":
        """Return the coordinates written in `text`.

        Raises:
            ValueError: There are not four or five parts, or one is empty.
        """
        match text.split(":"):
            case [organisation, name, extension, version]:
                classifier = ""
            case [organisation, name, extension, classifier, version] if classifier:
                pass
            case _:
                raise ValueError(f"{text!r} is not org:name:extension[:classifier]:version")
        if not all((organisation, name, extension, version)):
            raise ValueError(f"{text!r} has an empty part")
        return cls(organisation, name, version, extension, classifier)

    @property
    def file_name(self) -> str:
        """The archive's usual name, such as `kafka-clients-4.1.1.jar`."""
        suffix = f"-{self.classifier}" if self.classifier else ""
        return f"{self.name}-{self.version}{suffix}.{self.extension}"

    @property
    def cache_path(self) -> PurePosixPath:
        """Where Ivy keeps the archive below its cache folder (see `ivy.ARTIFACT_PATTERN`)."""
        return PurePosixPath(
            "artifacts", self.organisation, self.name, self.version, self.file_name
        )


@dataclass(frozen=True, order=True)
class LockedArtifact:
    """An archive with its size in bytes and its SHA-256 in hex."""

    coordinates: Coordinates
    size: int
    sha256: str


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
