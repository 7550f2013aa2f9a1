"""Every state that a power cut may leave by POSIX is recovered whole, as many as are looked at.

`CRASH_STATES=200 pytest tests/unit/lake/crash --log-cli-level=INFO` looks at all states of
each moment that has no more than so many, and at so many of any other, drawn by a seed, and counts
them. Without it a few of each scenario are looked at.
"""

import logging
import os
import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

import lake.storage.local_files
from lake.layout import LakeLayout
from lake.log.commit import Role
from tests.unit.lake.crash.disk import Disk, Sync, SyncAll, Tree
from tests.unit.lake.crash.many_files import OF_MANY_FILES
from tests.unit.lake.crash.recorder import Recorder
from tests.unit.lake.crash.recovery import fault_after, lay_out
from tests.unit.lake.crash.retirements import RETIREMENTS
from tests.unit.lake.crash.scenarios import SCENARIOS

log = logging.getLogger(__name__)

ASKED_FOR = os.environ.get("CRASH_STATES")
AT_A_MOMENT = int(ASKED_FOR or 8)
IN_A_SCENARIO = None if ASKED_FOR else 16
SEED = 26

ALL = {**SCENARIOS, **OF_MANY_FILES, **RETIREMENTS}
ROLES = [(Role.STREAM, Role.MAINTENANCE), (Role.MAINTENANCE, Role.STREAM)]


@pytest.mark.timeout(14_400)
@pytest.mark.parametrize("scenario", ALL)
def test_a_power_cut_at_any_moment_leaves_every_acknowledged_commit_whole(
    tmp_path: Path, scenario: str
) -> None:
    """Whatever unflushed names and contents are lost: no trade is, none doubled, no file torn."""
    states, faults = cut(tmp_path, scenario)
    log.info("%s: %d states, %d whole", scenario, states, states - faults.total())
    assert faults.total() == 0, f"{faults.total()} of {states}: {faults.most_common(3)}"


@pytest.mark.timeout(14_400)
@pytest.mark.parametrize("forgotten", [Path.is_dir, Path.is_file])
def test_a_flush_that_is_forgotten_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forgotten: Callable[[Path], bool]
) -> None:
    """Without flushing names, or contents, some of the states are not whole."""
    real = lake.storage.local_files._fsync
    monkeypatch.setattr(
        lake.storage.local_files, "_fsync", lambda path: forgotten(path) or real(path)
    )
    states, faults = cut(tmp_path, "stream")
    assert 0 < faults.total() < states


@pytest.mark.timeout(14_400)
def test_a_flush_of_everything_that_does_nothing_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The states of many files are whole because everything is flushed."""
    monkeypatch.setattr(Disk, "sync_all", lambda _: None)
    states, faults = cut(tmp_path, "stream, of many files")
    assert 0 < faults.total() < states


def cut(folder: Path, scenario: str) -> tuple[int, Counter[str]]:
    """Cut the power in a scenario, over and over: how many states there were, and the faults."""
    (disk := folder / "disk").mkdir()
    recorder = Recorder(disk)
    with recorder.recording():
        ALL[scenario](LakeLayout(disk / "lake", "KRAKEN"), recorder.acknowledge)
    states = crash_states(recorder)
    faults: Counter[str] = Counter()
    for number, (tree, acknowledged) in enumerate(states):
        left = folder / "left"
        lay_out(tree, left)
        fault = fault_after(LakeLayout(left / "lake", "KRAKEN"), acknowledged, ROLES[number % 2])
        if fault:
            faults[fault.replace(str(left), "")] += 1
        shutil.rmtree(left)
    return len(states), faults


def crash_states(recorder: Recorder) -> list[tuple[Tree, int]]:
    """Each different state once, with how many commits were acknowledged by then.

    An operation that is no flush takes no state away, since it may have come too late: it is enough
    to cut before each flush, and where a commit is acknowledged.
    """
    chance = random.Random(SEED)
    disk = Disk()
    found: dict[str, tuple[Tree, int]] = {}
    for at, operation in enumerate([*recorder.operations, Sync(0)]):
        if at in recorder.acknowledged or isinstance(operation, Sync | SyncAll):
            acknowledged = sum(moment <= at for moment in recorder.acknowledged)
            for tree in disk.states(AT_A_MOMENT, chance):
                found[repr(tree)] = (tree, acknowledged)
        disk.apply(operation)
    states = list(found.values())
    return states if IN_A_SCENARIO is None else chance.sample(states, IN_A_SCENARIO)
