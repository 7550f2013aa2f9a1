from pathlib import Path

import pytest

from infra.jars.artifact import Coordinates, LockedArtifact, sha256_of
from infra.jars.errors import ChecksumMismatch, FetchFailed
from infra.jars.fetching import verify

COORDINATES = Coordinates("org.apache.kafka", "kafka-clients", "4.1.1")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive where Ivy puts it."""
    path = tmp_path / COORDINATES.cache_path
    path.parent.mkdir(parents=True)
    path.write_bytes(b"jar")
    return path


def test_the_locked_archive_passes(tmp_path: Path, archive: Path) -> None:
    """The same bytes are accepted and kept."""
    verify(LockedArtifact(COORDINATES, 3, sha256_of(archive)), tmp_path)
    assert archive.exists()


def test_another_archive_is_refused_by_name_and_removed(tmp_path: Path, archive: Path) -> None:
    """The message names the file and both sums; the next run fetches it again."""
    with pytest.raises(ChecksumMismatch, match=f"kafka-clients-4.1.1.jar .*{sha256_of(archive)}"):
        verify(LockedArtifact(COORDINATES, 3, "00" * 32), tmp_path)
    assert not archive.exists()


def test_an_archive_that_did_not_come_is_worth_another_try(tmp_path: Path) -> None:
    """It is a failed download, not a forged one."""
    with pytest.raises(FetchFailed, match="did not bring org"):
        verify(LockedArtifact(COORDINATES, 3, "00" * 32), tmp_path)
