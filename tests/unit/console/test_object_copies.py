"""Copies of objects on this machine, which the pages are made from: bounded, and nobody else's."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from console.errors import TooSlow
from console.lake_view.object_copies import ObjectCopies
from infra.object_store.proxy import StoreProxy
from lake.errors import LakeDamaged, LakeUnwritable
from lake.layout import LakeLayout
from tests.object_store.lakes import fresh_clients, layout, proxy
from tests.unit.console.stored_lakes import objects, on_disk, temporary

__all__ = ["fresh_clients", "layout", "on_disk", "proxy", "temporary"]


@pytest.mark.parametrize("path", ["../../else.parquet", "/etc/passwd", "KRAKEN/../../../x"])
def test_an_object_outside_the_lake_is_not_read(
    proxy: StoreProxy, lake: LakeLayout, path: str
) -> None:
    """Whatever a commit log that somebody has changed names."""
    named = objects(lake)[0].model_copy(update={"path": path, "staged": path})
    before = len(proxy.requests)
    with pytest.raises(LakeDamaged, match="which is not in s3://"):
        ObjectCopies(lake).names([named], 10)
    assert proxy.requests[before:] == []


def test_copies_are_bounded(lake: LakeLayout, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that were not used for longest go, and none that may be about to be opened."""
    files = objects(lake)
    sizes = [file.bytes for file in files]
    copies = ObjectCopies(lake, most_bytes=sum(sizes) - 1)
    names = [copies.names([file], 10)[0] for file in files]
    assert all(Path(name).exists() for name in names), "all were used a moment ago"
    monkeypatch.setattr("console.lake_view.object_copies._IN_USE", -60.0)
    copies.names(files[1:], 10)
    Path(names[-1]).unlink()
    copies.names(files[-1:], 10)
    assert not Path(names[0]).exists()
    kept = sum(one.stat().st_size for one in copies.folder.iterdir())
    assert 0 < kept < sum(sizes)
    assert Path(copies.names(files[:1], 10)[0]).stat().st_size == sizes[0]


def test_copies_take_a_quarter_of_a_small_disk(
    lake: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be memory."""
    files = objects(lake)
    size = sum(file.bytes for file in files)
    disk = SimpleNamespace(total=4 * (size - 1))
    monkeypatch.setattr("console.lake_view.object_copies.shutil.disk_usage", lambda _: disk)
    monkeypatch.setattr("console.lake_view.object_copies._IN_USE", -60.0)
    copies = ObjectCopies(lake)
    copies.names(files, 10)
    assert 0 < len(list(copies.folder.iterdir())) < len(files)


def test_a_page_that_needs_too_many_objects_says_so(
    lake: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And goes on from there when it is asked for again."""
    copies, files = ObjectCopies(lake), objects(lake)
    clock = iter(range(1_000))
    monkeypatch.setattr("console.lake_view.object_copies._BETWEEN_LOOKS", 1)
    fake = SimpleNamespace(monotonic=lambda: next(clock), time=lambda: 0.0)
    monkeypatch.setattr("console.lake_view.object_copies.time", fake)
    with pytest.raises(TooSlow, match="Ask again: it goes on from here"):
        copies.names(files, 2)
    assert len(list(copies.folder.iterdir())) == 2
    assert len(files) == len(set(copies.names(files, 10))) == 5


def test_copies_are_not_kept_where_others_may_write(lake: LakeLayout) -> None:
    """They could put trades there that are not the lake's."""
    top = lake.local.parents[1]
    top.mkdir(exist_ok=True)
    top.chmod(0o777)
    with pytest.raises(LakeUnwritable, match="set TMPDIR to a folder of your own"):
        ObjectCopies(lake).names(objects(lake), 10)
    shutil.rmtree(top)
    top.symlink_to("/")
    with pytest.raises(LakeUnwritable):
        ObjectCopies(lake).names(objects(lake), 10)
