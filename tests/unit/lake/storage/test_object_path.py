import pickle
from pathlib import Path

import pytest

from lake.errors import StoreUnsupported
from lake.layout import LakeLayout
from lake.settings import LakeSettings
from lake.storage.object_path import ObjectPath, lake_path, on_disk
from lake.write.staged_files import StagedFile

LAKE = "s3://trades/some/lake"


def test_an_address_is_a_path() -> None:
    """Names, parents and relative paths as of any path; its text is the address."""
    path = lake_path(LAKE) / "KRAKEN" / "symbol=BTC_USD" / "part-1.parquet"
    assert str(path) == f"{path}" == f"{LAKE}/KRAKEN/symbol=BTC_USD/part-1.parquet"
    assert isinstance(path, ObjectPath)
    assert (path.bucket, path.key) == (
        "s3://trades",
        "some/lake/KRAKEN/symbol=BTC_USD/part-1.parquet",
    )
    assert path.relative_to(lake_path(LAKE)).as_posix() == "KRAKEN/symbol=BTC_USD/part-1.parquet"
    assert path.is_relative_to(lake_path("s3://trades"))
    assert (path.name, path.suffix, path.parent.name) == (
        "part-1.parquet",
        ".parquet",
        "symbol=BTC_USD",
    )
    assert str(path.with_suffix(".json")) == f"{LAKE}/KRAKEN/symbol=BTC_USD/part-1.json"
    assert path == lake_path(str(path))


def test_it_reaches_another_process() -> None:
    """Spark's tasks get it as a part of their work, and report the files that they wrote."""
    path = lake_path(f"{LAKE}/x.parquet")
    assert pickle.loads(pickle.dumps(path)) == path  # noqa: S301 - our own
    file = StagedFile(path=path, folder=".", rows=1, bytes=2, checksum="")
    assert StagedFile.model_validate_json(file.model_dump_json()) == file
    local = file.model_copy(update={"path": Path("/data/x.parquet")})
    assert StagedFile.model_validate_json(local.model_dump_json()) == local


@pytest.mark.parametrize(
    "text",
    [
        "ftp://host/lake",
        "s3://",
        "s3:///lake",
        "https://bucket.example/lake",
        "s3://key:secret@bucket/lake",
        "s3://bucket/lake?region=eu",
    ],
)
def test_other_addresses_are_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the setting's name, before anything is done."""
    monkeypatch.setenv("BASE_OUTPUT_PATH", text)
    with pytest.raises(ValueError, match="base_output_path"):
        LakeSettings()


def test_the_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder is made absolute, an address is taken as it is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BASE_OUTPUT_PATH", f"{LAKE}/")
    in_store = LakeSettings().layout
    assert (str(in_store.base), in_store.is_on_store) == (LAKE, True)
    assert str(in_store.commits) == f"{LAKE}/_platform/KRAKEN/commits"
    monkeypatch.setenv("BASE_OUTPUT_PATH", "data")
    on_a_disk = LakeSettings().layout
    assert (on_a_disk.base, on_a_disk.is_on_store) == (tmp_path / "data", False)


def test_what_may_be_lost_stays_on_this_machine(tmp_path: Path) -> None:
    """Lakes in different places do not meet there."""
    one, other = (LakeLayout(lake_path(f"s3://trades/{name}"), "KRAKEN") for name in "ab")
    assert one.local != other.local
    assert one.checkpoints.is_relative_to(one.local)
    disk = LakeLayout(tmp_path, "KRAKEN")
    assert disk.local == disk.platform


def test_what_needs_a_file_system(tmp_path: Path) -> None:
    """It says what does, and which path is none."""
    assert on_disk(tmp_path, "This") == tmp_path
    with pytest.raises(StoreUnsupported, match=f"This works on a local .* only, and {LAKE} is in"):
        on_disk(lake_path(LAKE), "This")
