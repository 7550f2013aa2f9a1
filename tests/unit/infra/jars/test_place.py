import tarfile
from pathlib import Path

import pytest

from infra.jars import place
from infra.jars.receipt import is_current


@pytest.fixture
def archives(tmp_path: Path) -> list[Path]:
    """Two archives in a cache folder."""
    paths = [tmp_path / "cache" / name for name in ("a-1.jar", "b-1.jar")]
    paths[0].parent.mkdir()
    for path in paths:
        path.write_text(path.name)
    return paths


def test_a_folder_holds_exactly_the_archives(tmp_path: Path, archives: list[Path]) -> None:
    """What an older lock left there is gone."""
    target = tmp_path / "kafka"
    target.mkdir()
    (target / "old-0.jar").touch()
    place.place_in_folder(archives, target, "digest")
    assert sorted(path.name for path in target.glob("*.jar")) == ["a-1.jar", "b-1.jar"]
    assert is_current(target, "digest")


def test_a_placing_cut_short_is_not_current_and_is_made_good(
    tmp_path: Path, archives: list[Path]
) -> None:
    """What a killed process left behind is never taken for an installation."""
    target = tmp_path / "kafka"
    with pytest.raises(FileNotFoundError):
        place.place_in_folder([*archives, tmp_path / "gone.jar"], target, "digest")
    assert not target.exists()
    place.place_in_folder(archives, target, "digest")
    assert is_current(target, "digest")


def test_a_tar_file_is_unpacked(tmp_path: Path, archives: list[Path]) -> None:
    """Its folders come with it."""
    with tarfile.open(tmp_path / "app.tar.gz", "w:gz") as tar:
        tar.add(archives[0], "lib/a-1.jar")
    place.place_unpacked([tmp_path / "app.tar.gz"], tmp_path / "registry", "digest")
    assert (tmp_path / "registry" / "lib" / "a-1.jar").read_text() == "a-1.jar"
    assert is_current(tmp_path / "registry", "digest")


def test_archives_among_others_leave_the_others_and_replace_their_own(
    tmp_path: Path, archives: list[Path]
) -> None:
    """Pyspark's jars stay; a connector of an older lock goes, or two would be on the class path."""
    target = tmp_path / "jars"
    target.mkdir()
    (target / "spark-core.jar").touch()
    place.place_among(archives, target, "first")
    place.place_among(archives[1:], target, "second")
    assert sorted(path.name for path in target.glob("*.jar")) == ["b-1.jar", "spark-core.jar"]
    assert is_current(target, "second")
