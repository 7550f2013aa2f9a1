"""Files on a local file system or NFS."""

import os
from pathlib import Path

import pytest

from lake.storage.local_files import create_exclusively


def test_a_name_is_taken_once(tmp_path: Path) -> None:
    """The second content is nowhere."""
    assert create_exclusively(tmp_path / "1.json", b"first")
    assert not create_exclusively(tmp_path / "1.json", b"second")
    assert [path.name for path in tmp_path.iterdir()] == ["1.json"]
    assert (tmp_path / "1.json").read_bytes() == b"first"


@pytest.mark.parametrize("is_made", [True, False])
def test_a_link_whose_answer_was_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_made: bool
) -> None:
    """NFS asks again, and is told that the name is taken: by us, or by another."""

    def asked_twice(self: Path, target: Path) -> None:
        if is_made:
            os.link(target, self)
        raise FileExistsError

    path = tmp_path / "1.json"
    if not is_made:
        path.write_bytes(b"another")
    monkeypatch.setattr(Path, "hardlink_to", asked_twice)
    assert create_exclusively(path, b"ours") is is_made
    assert path.read_bytes() == (b"ours" if is_made else b"another")
