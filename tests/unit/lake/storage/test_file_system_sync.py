import ctypes
import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

import lake.storage.file_system_sync
import lake.storage.local_files
from lake.storage.file_system_sync import sync_file_systems
from lake.storage.local_files import flush


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Let syncfs(2) answer with an error number on a kind of file system; list what it flushed."""

    def answering(number: int = 0, kind: str = "ext4", release: str = "6.1.0") -> list[str]:
        flushed = []

        def syncfs(descriptor: int) -> int:
            flushed.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
            ctypes.set_errno(number)
            return -1 if number else 0

        library = SimpleNamespace(syncfs=syncfs)
        monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: library)
        monkeypatch.setattr(lake.storage.file_system_sync, "_kind", lambda _: kind)
        system = SimpleNamespace(sysname="Linux", release=release)
        monkeypatch.setattr(os, "uname", lambda: system)
        return flushed

    return answering


@pytest.fixture(autouse=True)
def fresh_answers() -> Iterator[None]:
    """The kernel is asked anew in each test, and by what runs after these."""
    lake.storage.file_system_sync._is_offered.cache_clear()
    yield
    lake.storage.file_system_sync._is_offered.cache_clear()


@pytest.fixture
def many(tmp_path: Path) -> list[Path]:
    """As many files as are flushed by one call."""
    files = [tmp_path / str(number) for number in range(64)]
    for file in files:
        file.write_text("trades", encoding="ascii")
    return files


@pytest.fixture
def fsynced(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What is flushed one by one."""
    paths: list[Path] = []
    monkeypatch.setattr(lake.storage.local_files, "_fsync", paths.append)
    return paths


def test_many_files_are_flushed_by_one_call_and_few_one_by_one(
    answer: Callable[..., list[str]], many: list[Path], fsynced: list[Path]
) -> None:
    """One call for each file system; all of these lie on one."""
    calls = answer()
    flush(many)
    assert len(calls) == 1
    assert not fsynced
    flush(many[:-1])
    assert len(calls) == 1
    assert set(fsynced) == set(many[:-1])


@pytest.mark.parametrize(
    "circumstance", [{"kind": "fuse.s3"}, {"kind": ""}, {"release": "5.7.19-generic"}]
)
def test_where_one_call_cannot_be_relied_on_each_file_is_flushed(
    answer: Callable[..., list[str]],
    many: list[Path],
    fsynced: list[Path],
    circumstance: dict[str, str],
) -> None:
    """A FUSE file system may keep the data; before Linux 5.8 a failed write is not reported."""
    calls = answer(**circumstance)
    flush(many)
    assert not calls
    assert set(fsynced) == set(many)


def test_a_failed_write_is_an_error(
    answer: Callable[..., list[str]], many: list[Path], tmp_path: Path
) -> None:
    """It names a file of the disk that failed."""
    answer(errno.EIO)
    with pytest.raises(OSError, match="Input/output error") as raised:
        sync_file_systems(many)
    assert Path(raised.value.filename).parent == tmp_path


def test_a_missing_file_is_an_error(many: list[Path]) -> None:
    """As it is when each is flushed."""
    many[7].unlink()
    with pytest.raises(FileNotFoundError):
        flush(many)


def test_the_kind_of_a_file_system_is_read_from_the_table_of_mounts() -> None:
    """A device that is not mounted has none."""
    kind = lake.storage.file_system_sync._kind
    assert kind(Path("/proc").stat().st_dev) == "proc"
    assert kind(os.makedev(4_000, 4_000)) == ""


def test_the_kernel_does_it(many: list[Path]) -> None:
    """Whatever this file system is, nothing is raised, and the answer is one of the two."""
    assert sync_file_systems(many) in {True, False}
