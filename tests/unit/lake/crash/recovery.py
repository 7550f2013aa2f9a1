"""What comes of a lake that a power cut left in some state."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from lake.layout import LakeLayout, symbol_of_path
from lake.log.commit import Role
from lake.log.commit_log import CommitLog
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
        with _no_waiting_for_the_disk():
            for role in roles:
                with LakeWriter.open(layout, run_id="after", role=role):
                    pass
        log = list(CommitLog(layout.commits).commits())
        if len(log) < acknowledged:
            return f"{acknowledged} commits were acknowledged, {len(log)} are there"
        if not log:
            return f"{_listed(layout)} without a commit" if _listed(layout) else None
        committed = sorted(
            (file.symbol, trade_id)
            for commit in log
            if not commit.removed_files
            for file in commit.files
            for first, last in file.ids
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


@contextmanager
def _no_waiting_for_the_disk() -> Iterator[None]:
    """No cut follows here, so that nothing needs to be flushed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield
