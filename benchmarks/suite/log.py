"""What a long commit log costs: a start, the list of files, and its verification.

Each is measured on a log whose commits are all there, and on the same log folded. Memory and
processor time of a program's own start are not among the figures.
"""

import shutil
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Final

from benchmarks.data.logs import write_log
from benchmarks.output.figures import Figure, Measurements
from benchmarks.run.environment import Environment
from benchmarks.run.rounds import Round, in_rounds
from lake.layout import LakeLayout
from lake.log.checkpoint import LogCheckpoint
from lake.log.commit_log import CommitLog
from lake.log.folding import fold
from lake.log.snapshot import files, read_snapshot, save_snapshot
from lake.storage.object_path import on_disk
from lake.verify.checks.log_check import check_log

__all__ = ["measure", "measure_log"]

_SINCE: Final = 100
"""Commits since the newest manifest, and about as many since the one before."""


def measure(rig: Environment) -> Mapping[str, Figure]:
    """Measure logs of growing length.

    Raises:
        LakeError: A log could not be written or read.
    """
    entries = [
        Round(f"log of {commits:,} commits", partial(_measured, rig, commits))
        for commits in rig.sizes.log_commits
    ]
    return in_rounds(rig, entries, 1)


def _measured(rig: Environment, commits: int) -> Measurements:
    layout = LakeLayout(rig.fresh_folder("log"), "KRAKEN")
    try:
        return measure_log(layout, commits)
    finally:
        shutil.rmtree(layout.base)


def measure_log(layout: LakeLayout, commits: int) -> Measurements:
    """Measure one log before and after it is folded."""
    write_log(layout, commits)
    _save_summaries(layout, commits - _SINCE)
    name = f"log.{commits}_commits"
    measured = dict(_reading(layout, f"{name}.unfolded"))
    began = time.perf_counter()
    for up_to in (commits - 2 * _SINCE, commits - _SINCE):
        fold(layout, up_to, datetime.now(UTC))
    measured[f"{name}.folding_s"] = time.perf_counter() - began
    return {**measured, **_reading(layout, f"{name}.folded")}


def _save_summaries(layout: LakeLayout, number: int) -> None:
    """Save what the stream and compaction saved beside a log before there were manifests."""
    log = CommitLog(layout.commits)
    log.save_state(LogCheckpoint().apply_all(log.commits(up_to=number)))
    save_snapshot(layout, read_snapshot(layout, at=number))


def _reading(layout: LakeLayout, name: str) -> Measurements:
    log = CommitLog(layout.commits)
    asked: dict[str, Callable[[], object]] = {
        "start_s": log.state,
        "files_s": partial(files, layout),
        "verify_s": partial(check_log, layout),
    }
    measured = {}
    for what, ask in asked.items():
        began = time.perf_counter()
        ask()
        measured[f"{name}.{what}"] = time.perf_counter() - began
    in_folder = [
        path.stat().st_size
        for path in on_disk(layout.commits, "The bench").rglob("*")
        if path.is_file()
    ]
    return {**measured, f"{name}.mb": sum(in_folder) / 1e6}
