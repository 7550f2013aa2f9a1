import errno
import fcntl
import struct
from pathlib import Path

import pytest

from lake.storage.inode_groups import spread_subfolders

TOP = 0x00020000
KEPT = 0x00000080
"""`chattr +A`: a flag that somebody set on the folder."""


def test_a_folder_gets_the_flag_beside_those_that_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written is what was read, and the flag."""
    written = []

    def ioctl(_: int, request: int, argument: bytes) -> bytes:
        if request == 0x80086601:
            return struct.pack("ii", KEPT, 0)
        written.append(argument)
        return argument

    monkeypatch.setattr(fcntl, "ioctl", ioctl)
    spread_subfolders(tmp_path)
    assert written == [struct.pack("ii", KEPT | TOP, 0)]


def test_a_file_system_without_such_flags_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is a matter of speed only."""

    def refused(*_: object) -> bytes:
        raise OSError(errno.ENOTTY, "Inappropriate ioctl for device")

    monkeypatch.setattr(fcntl, "ioctl", refused)
    spread_subfolders(tmp_path)
    (tmp_path / "still").mkdir()


def test_the_file_system_of_the_tests_takes_it_or_leaves_it(tmp_path: Path) -> None:
    """Nothing is raised, and folders can be made in it as before."""
    spread_subfolders(tmp_path)
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "file").write_text("", encoding="ascii")


def test_a_missing_folder_is_no_error(tmp_path: Path) -> None:
    """The call that creates the file says so then."""
    spread_subfolders(tmp_path / "missing")
