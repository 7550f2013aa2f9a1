"""Puts verified archives where they are used; an interrupted run never looks complete."""

import os
import shutil
import tarfile
from collections.abc import Iterable
from pathlib import Path

from infra.jars.receipt import Receipt, read_receipt

__all__ = ["place_among", "place_in_folder", "place_unpacked"]


def place_in_folder(archives: Iterable[Path], target: Path, digest: str) -> None:
    """Replace `target` by a folder of exactly these archives."""
    fresh = _fresh_folder(target)
    for archive in archives:
        _link_or_copy(archive, fresh / archive.name)
    _swap_in(fresh, target, digest)


def place_unpacked(archives: Iterable[Path], target: Path, digest: str) -> None:
    """Replace `target` by a folder with the content of these tar files."""
    fresh = _fresh_folder(target)
    for archive in archives:
        with tarfile.open(archive) as tar:
            # Debian 12 has Python 3.11.2, whose tarfile has no filters. The content is locked, so
            # unfiltered extraction is safe.
            if hasattr(tarfile, "data_filter"):
                tar.extractall(fresh, filter="data")
            else:
                tar.extractall(fresh)  # noqa: S202
    _swap_in(fresh, target, digest)


def place_among(archives: Iterable[Path], target: Path, digest: str) -> None:
    """Add these archives to a folder that has others; remove those of an older receipt."""
    archives = tuple(archives)
    old = read_receipt(target)
    for archive in archives:
        partial = target / f"{archive.name}.partial"
        partial.unlink(missing_ok=True)
        _link_or_copy(archive, partial)
        partial.replace(target / archive.name)
    for name in set(old.sizes if old else ()) - {archive.name for archive in archives}:
        (target / name).unlink(missing_ok=True)
    Receipt.of(digest, target, (target / archive.name for archive in archives)).write(target)


def _fresh_folder(target: Path) -> Path:
    fresh = target.with_name(f"{target.name}.partial")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    return fresh


def _swap_in(fresh: Path, target: Path, digest: str) -> None:
    files = [path for path in fresh.rglob("*") if path.is_file()]
    Receipt.of(digest, fresh, files).write(fresh)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)


def _link_or_copy(source: Path, target: Path) -> None:
    """Hard-link the file if the file system allows it, to save disk space; otherwise copy it."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
