"""`python -m lake compact` folds the log at its end."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from lake.__main__ import app
from lake.layout import LakeLayout
from lake.log.commit_log import CommitLog
from lake.log.snapshot import read_snapshot
from tests.unit.lake.lakes import land


def compact(layout: LakeLayout, monkeypatch: pytest.MonkeyPatch, hours: str = "0") -> str:
    """What the command prints."""
    monkeypatch.setenv("BASE_OUTPUT_PATH", str(layout.base))
    monkeypatch.setenv("LOG_RETENTION_HOURS", hours)
    result = CliRunner().invoke(app, ["compact"])
    assert result.exit_code == 0, result.output
    return result.output


def test_each_run_folds_what_the_one_before_knew(
    whole: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two commits and the first compaction; the second run removes their files."""
    assert "folded" not in compact(whole, monkeypatch)
    land(whole, range(151, 161))
    assert "up to commit 3: 3 files of commits removed." in compact(whole, monkeypatch)
    assert CommitLog(whole.commits).numbers() == [4, 5]
    assert [file.rows for file in read_snapshot(whole).files.values()] == [160]


def test_commits_are_kept_for_the_hours_of_the_setting(
    whole: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Young commits stay."""
    for first in (151, 161):
        compact(whole, monkeypatch, hours="24")
        land(whole, range(first, first + 10))
    assert CommitLog(whole.commits).numbers() == [1, 2, 3, 4, 5, 6]


def test_a_log_that_has_lost_a_commit_is_compacted_but_not_folded(
    crowded: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says why, and leaves the rest to `verify`."""
    log = CommitLog(crowded.commits)
    compact(crowded, monkeypatch, hours="24")
    for manifest in (crowded.commits / "_manifests").iterdir():
        manifest.unlink()
    log.path(1).unlink()
    assert "commit 1 is missing" in compact(crowded, monkeypatch)
    assert log.manifests.names() == []
    assert Path(log.path(2)).exists()
