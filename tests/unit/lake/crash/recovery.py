"""What comes of a lake that a power cut left in some state."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from lake.id_ranges import IdRanges
from lake.layout import LakeLayout, symbol_of_path
from lake.log.commit import Role
from lake.log.commit_log import CommitLog
from lake.log.snapshot import saved_snapshot
from lake.read.quarantine import quarantine_files
from lake.verify.verification import verify
from lake.write.writer import LakeWriter
from tests.unit.lake.crash.disk import Tree

__all__ = ["fault_after", "lay_out"]


def lay_out(tree: Tree, folder: Path, nodes: dict[int, Path] | None = None) -> None:
    """Make files and folders of a tree."""
    nodes = {} if nodes is None else nodes
    folder.mkdir()
    for name, below in tree.items():
        if isinstance(below, dict):
            lay_out(below, folder / name, nodes)
        elif below[0] in nodes:
            (folder / name).hardlink_to(nodes[below[0]])
        else:
            (folder / name).write_bytes(below[1])
            nodes[below[0]] = folder / name


def fault_after(layout: LakeLayout, acknowledged: int, roles: tuple[Role, ...]) -> str | None:
    """Start the lake's programs on what is left; None if every acknowledged commit is whole."""
    try:
        _listed(layout)
        _assert_earlier_versions_start(layout)
        with _no_waiting_for_the_disk():
            for role in roles:
                with LakeWriter.open(layout, run_id="after", role=role):
                    pass
        state = CommitLog(layout.commits).state()
        if state.number < acknowledged:
            return f"{acknowledged} commits were acknowledged, {state.number} are there"
        if not state.number:
            return f"{_listed(layout)} without a commit" if _listed(layout) else None
        committed = sorted(
            (symbol, trade_id)
            for symbol, ids in state.landed.items()
            for first, last in ids.without(state.retired.get(symbol, IdRanges()))
            for trade_id in range(first, last + 1)
        )
        if _listed(layout) != committed:
            return f"{_listed(layout)} where {committed} were committed"
        for quarantined in quarantine_files(layout):
            if pq.read_metadata(layout.base / quarantined.path).num_rows != quarantined.rows:
                return f"{quarantined.path} has other rows"
        problems = [
            f"{problem.kind} {problem.where}: {problem.advice}"
            for problem in verify(layout).problems
        ]
    except Exception as error:  # noqa: BLE001 - any error is a fault
        return f"{type(error).__name__}: {error}"
    return "; ".join(problems) or None


def _listed(layout: LakeLayout) -> list[tuple[str, int]]:
    """The trades of a reader who lists: every file whole, none doubled.

    Raises:
        AssertionError: a trade is there twice.
    """
    trades = sorted(
        (symbol_of_path(path.as_posix()), trade_id)
        for path in layout.trades.rglob("*.parquet")
        for trade_id in pq.read_table(path, partitioning=None).column("trade_id").to_pylist()
    )
    assert len(set(trades)) == len(trades), f"doubled: {trades}"
    return trades


def _assert_earlier_versions_start(layout: LakeLayout) -> None:
    """No commit is gone that a version without manifests needs: it starts from the summaries."""
    log = CommitLog(layout.commits)
    removed = [number for number in range(log.folded(), 0, -1) if not log.path(number).exists()]
    if removed:
        assert log.saved_state().number >= removed[0], "_state.json is too old"
        assert saved_snapshot(layout).number >= removed[0], "_snapshot.json is too old"


@contextmanager
def _no_waiting_for_the_disk() -> Iterator[None]:
    """No cut follows here, so that nothing needs to be flushed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield
