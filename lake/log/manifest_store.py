"""The manifests of a commit log: the newest, and the one before in case it is damaged."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self, TypeVar

from lake.errors import LakeBusy, LakeDamaged
from lake.log.manifest import Manifest
from lake.log.manifest_file import ManifestHeader, as_parquet, read_header, read_whole
from lake.storage.object_path import LakePath
from lake.storage.operations import flush, names_in, replace

__all__ = ["FOLDER", "ManifestName", "ManifestStore"]

FOLDER: Final = "_manifests"
"""The folder of the manifests, beside the commits."""

_NAME: Final = re.compile(r"(\d{20})-(\d{20})\.parquet")
_ATTEMPTS: Final = 5
_Read = TypeVar("_Read")


@dataclass(frozen=True, order=True)
class ManifestName:
    """What the name of a manifest says, also if its content is damaged.

    Attributes:
        number: the newest commit that it includes.
        folded: the files of commits up to this one may be gone. It is less than `number`.
    """

    number: int
    folded: int

    def __str__(self) -> str:
        return f"{self.number:020d}-{self.folded:020d}.parquet"

    @classmethod
    def parse(cls, name: str) -> Self | None:
        """Return what a file's name says; None if it is not the name of a manifest."""
        match = _NAME.fullmatch(name)
        return None if match is None else cls(int(match[1]), int(match[2]))


class ManifestStore:
    """Manifests in one folder, named by two numbers: the commits they include, and those folded.

    The name is the marker that permits commits to be missing: it is durable before the first of
    them is removed. It never goes back, since the highest one counts, whoever adds another.

    Args:
        folder: the folder of the commit log.
    """

    def __init__(self, folder: LakePath) -> None:
        self._folder = folder / FOLDER

    def names(self) -> list[ManifestName]:
        """List the manifests, oldest first."""
        listed = names_in(self._folder)
        return sorted(name for one in listed if (name := ManifestName.parse(one)) is not None)

    def path(self, name: ManifestName) -> LakePath:
        """Return the path of a manifest."""
        return self._folder / str(name)

    def folded(self) -> int:
        """Return the newest commit whose file may be gone; 0 if all must be there."""
        return max((name.folded for name in self.names()), default=0)

    def read(self, name: ManifestName) -> Manifest:
        """Read one manifest.

        Raises:
            FileNotFoundError: It was dropped meanwhile.
            LakeDamaged: It is not as it was written.
        """
        return read_whole(self.path(name))

    def newest(self) -> Manifest | None:
        """Read the newest manifest that is whole; None if the log has none.

        Raises:
            LakeDamaged: None of them is whole.
        """
        return self._newest(read_whole)

    def newest_header(self) -> ManifestHeader | None:
        """Read the header of the newest manifest whose header is whole; None if there is none.

        Raises:
            LakeDamaged: None of them has a whole header.
        """
        return self._newest(read_header)

    def save(self, manifest: Manifest, folded: int) -> None:
        """Write a manifest, durably: when this returns, commits up to `folded` may be removed.

        Raises:
            LakeUnwritable: The storage refused the write.
        """
        self._folder.mkdir(exist_ok=True)
        replace(self.path(ManifestName(manifest.number, folded)), as_parquet(manifest))
        flush([self._folder, self._folder.parent])

    def drop_others(self, newest: int, before: int) -> None:
        """Remove what is older than the newest manifest, but for the one before it.

        What a killed process left half written is removed too.

        Args:
            newest: the number of the newest manifest, which is durable and whole.
            before: the number of the one before.
        """
        names = [name for name in self.names() if name.number in {newest, before}]
        # Of two with the same number, the one that says that more is folded counts.
        kept = {str(name) for number in {newest, before} for name in _last(names, number)}
        for entry in names_in(self._folder):
            name = ManifestName.parse(entry)
            if entry not in kept and (name is None or name.number <= newest):
                (self._folder / entry).unlink(missing_ok=True)

    def _newest(self, read: Callable[[LakePath], _Read]) -> _Read | None:
        for _ in range(_ATTEMPTS):
            names = self.names()
            try:
                return self._first_whole(names[::-1], read)
            except FileNotFoundError:
                continue  # A fold has just replaced them.
        raise LakeBusy(f"the manifests in {self._folder} are replaced all the time; start again.")

    def _first_whole(
        self, names: list[ManifestName], read: Callable[[LakePath], _Read]
    ) -> _Read | None:
        damaged: LakeDamaged | None = None
        for name in names:
            try:
                return read(self.path(name))
            except LakeDamaged as error:
                damaged = damaged or error
        if damaged is not None:
            raise damaged
        return None


def _last(names: list[ManifestName], number: int) -> list[ManifestName]:
    return [name for name in names if name.number == number][-1:]
