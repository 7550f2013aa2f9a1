import os
from pathlib import Path

from producer.heartbeat import Heartbeat


def test_each_beat_makes_the_file_young_again(tmp_path: Path) -> None:
    """A health check goes by its age."""
    file = tmp_path / "heartbeat"
    heart = Heartbeat(file)
    heart.beat()
    os.utime(file, (1, 1))
    heart.beat()
    assert file.stat().st_mtime > 1


def test_nobody_watches_without_a_file() -> None:
    """The setting is empty by default."""
    Heartbeat(None).beat()
