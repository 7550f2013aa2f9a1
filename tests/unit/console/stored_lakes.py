"""A lake in an object store for the pages' tests, and the same in a folder."""

import tempfile
from pathlib import Path

import pytest

from lake.layout import LakeLayout
from lake.log.commit import DataFile
from lake.log.snapshot import read_snapshot
from lake.storage.object_path import ObjectPath
from tests.unit.console.conftest import AT
from tests.unit.console.lakes import land, synthetic

__all__ = ["objects", "on_disk", "place", "temporary"]


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This machine's folder for temporary files, empty; copies of objects go there."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def on_disk(tmp_path: Path) -> LakeLayout:
    """The same lake in a folder."""
    made = LakeLayout(base=tmp_path / "data", exchange="KRAKEN")
    rows = synthetic(1, 200, AT.replace(minute=20), (AT - AT.replace(hour=17)) / 60)
    left = [row for row in rows if not 90 <= row[0] <= 99]
    land(made, {"BTC/USD": left, "ETH/USD": synthetic(500, 30, AT)})
    return made


def objects(layout: LakeLayout) -> list[DataFile]:
    """The data files of the lake."""
    return list(read_snapshot(layout).files.values())


def place(layout: LakeLayout, file: DataFile) -> ObjectPath:
    """Where an object is."""
    path = layout.base / file.path
    assert isinstance(path, ObjectPath)
    return path
