"""Every state that a power cut may leave by POSIX, or many of them, is recovered whole.

CRASH_STATES is how many are drawn at each moment that has more; those that have fewer are all
looked at. `CRASH_STATES=20000 pytest tests/unit/lake/crash` takes long.
"""

import os
import random
import shutil
from collections import Counter
from pathlib import Path

import pytest

from lake.commit import Role
from lake.layout import LakeLayout
from tests.unit.lake.crash.disk import Disk, Sync, Tree
from tests.unit.lake.crash.recorder import Recorder
from tests.unit.lake.crash.recovery import fault_after, lay_out
from tests.unit.lake.crash.scenarios import SCENARIOS

AT_A_MOMENT = int(os.environ.get("CRASH_STATES", "4"))
ROLES = [(Role.STREAM, Role.MAINTENANCE), (Role.MAINTENANCE, Role.STREAM)]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_power_cut_at_any_moment_leaves_every_acknowledged_commit_whole(
    tmp_path: Path, scenario: str
) -> None:
    """Whatever unflushed names and contents are lost: no trade is, none doubled, no file is torn."""
    recorder = Recorder(tmp_path / "disk")
    (tmp_path / "disk").mkdir()
    with recorder.recording():
        SCENARIOS[scenario](LakeLayout(tmp_path / "disk" / "lake", "KRAKEN"), recorder.acknowledge)
    states, drawn = crash_states(recorder)
    faults: Counter[str] = Counter()
    for number, (tree, acknowledged) in enumerate(states):
        cut = tmp_path / "cut"
        lay_out(tree, cut)
        fault = fault_after(LakeLayout(cut / "lake", "KRAKEN"), acknowledged, ROLES[number % 2])
        if fault:
            faults[fault.replace(str(cut), "")[:150]] += 1
        shutil.rmtree(cut)
    print(
        f"{scenario}: {len(recorder.operations)} operations, {len(states)} states, "
        f"{drawn} moments drawn from, {len(states) - sum(faults.values())} whole"
    )
    assert sum(faults.values()) == 0, faults.most_common(6)


def crash_states(recorder: Recorder) -> tuple[list[tuple[Tree, int]], int]:
    """Each different state once, with how many commits were acknowledged; how often drawn.

    Nothing but a flush or an acknowledgement makes states impossible or wrong: it is enough to cut
    before the one and after the other.
    """
    chance = random.Random(26)
    disk = Disk()
    found: dict[str, tuple[Tree, int]] = {}
    drawn = acknowledged = 0
    for at, operation in enumerate([*recorder.operations, Sync(0)]):
        is_acknowledged = at in recorder.acknowledged
        if is_acknowledged or isinstance(operation, Sync):
            acknowledged = sum(1 for moment in recorder.acknowledged if moment <= at)
            trees = list(disk.states(AT_A_MOMENT, chance))
            drawn += len(trees) >= AT_A_MOMENT
            found |= {repr(tree): (tree, acknowledged) for tree in trees}
        disk.apply(operation)
    return list(found.values()), drawn
