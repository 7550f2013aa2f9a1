"""A receipt beside installed files: says that they are complete, and from which lock they came.

It is written last, so an interrupted installation has none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["FILE_NAME", "Receipt", "is_current", "read_receipt"]

FILE_NAME: Final = ".installed"


@dataclass(frozen=True)
class Receipt:
    """The lock group's digest, and the size of each installed file by its path in the folder."""

    digest: str
    sizes: dict[str, int]

    @classmethod
    def of(cls, digest: str, folder: Path, files: Iterable[Path]) -> "Receipt":
        """Return the receipt for `files` below `folder`."""
        return cls(
            digest, {str(file.relative_to(folder)): file.stat().st_size for file in sorted(files)}
        )

    def write(self, folder: Path) -> None:
        """Write the receipt into `folder` atomically."""
        lines = [self.digest, *(f"{size} {path}" for path, size in self.sizes.items())]
        partial = folder / f"{FILE_NAME}.partial"
        partial.write_text("\n".join(lines) + "\n", encoding="utf-8")
        partial.replace(folder / FILE_NAME)


def read_receipt(folder: Path) -> Receipt | None:
    """Return the receipt in `folder`, or None if it is missing or unreadable."""
    try:
        digest, *lines = (folder / FILE_NAME).read_text(encoding="utf-8").splitlines()
        pairs = (line.split(" ", 1) for line in lines)
        return Receipt(digest, {path: int(size) for size, path in pairs})
    except (OSError, ValueError):
        return None


def is_current(folder: Path, digest: str) -> bool:
    """Return whether `folder` was installed from this digest and every file has its full size."""
    receipt = read_receipt(folder)
    if receipt is None or receipt.digest != digest:
        return False
    try:
        return all((folder / path).stat().st_size == size for path, size in receipt.sizes.items())
    except OSError:
        return False
