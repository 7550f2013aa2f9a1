from datetime import UTC, datetime
from pathlib import Path

from infra.monitor.lake_figures import LakeFigures
from lake.layout import LakeLayout
from lake.log.commit_log import CommitLog
from lake.log.folding import fold
from lake.log.snapshot import read_snapshot
from tests.unit.lake.lakes import compact, land


def test_when_the_stream_last_committed_outlives_its_commits(tmp_path: Path) -> None:
    """A monitor that starts while the stream has long been down does not say that it never ran."""
    layout = LakeLayout(tmp_path / "data", "KRAKEN")
    land(layout, range(1, 11), range(11, 21))
    early = LakeFigures(layout)
    early.follow()
    fold(layout, early.commit, datetime(2999, 1, 1, tzinfo=UTC))
    compact(layout)
    fold(layout, read_snapshot(layout).number, datetime(2999, 1, 1, tzinfo=UTC))
    assert CommitLog(layout.commits).folded() >= early.commit
    late = LakeFigures(layout)
    late.follow()
    assert late.committed_at == early.committed_at is not None
