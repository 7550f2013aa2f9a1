import os
from pathlib import Path

import pytest

from producer.errors import SettingsUnusable
from producer.ingest.heartbeat import Heartbeat


def test_each_beat_makes_the_file_young_again(tmp_path: Path) -> None:
    """A health check uses its age."""
    file = tmp_path / "heartbeat"
    heart = Heartbeat(file)
    heart.beat()
    os.utime(file, (1, 1))
    heart.beat()
    assert file.stat().st_mtime > 1


def test_nobody_watches_without_a_file() -> None:
    """The setting is empty by default."""
    Heartbeat(None).beat()


def test_a_file_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    """With the setting's name."""
    with pytest.raises(SettingsUnusable, match=r"HEARTBEAT_FILE .*No such file or directory"):
        Heartbeat(tmp_path / "missing" / "heartbeat").beat()
