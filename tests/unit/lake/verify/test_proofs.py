import json
import os
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lake.layout import LakeLayout
from lake.verify.result import ProblemKind, Verification
from lake.verify.verification import verify
from tests.unit.lake.lakes import compact, files, land, quarantine

AN_HOUR = 3_600_000_000_000


@pytest.fixture
def proved(whole: LakeLayout) -> LakeLayout:
    """A lake of two files that a former run proved."""
    settle(whole)
    assert counts(verify(whole)) == (2, 0)
    return whole


def settle(layout: LakeLayout) -> None:
    """Make files that are new an hour old, so that any change shows in their times."""
    for path in layout.base.rglob("*.parquet"):
        if path.stat().st_mtime_ns > time.time_ns() - AN_HOUR // 2:
            os.utime(path, ns=(0, time.time_ns() - AN_HOUR))


def counts(found: Verification) -> tuple[int, int]:
    """How many files were read, and how many were known."""
    return found.files_read, found.files_known


def kinds(found: Verification) -> set[ProblemKind]:
    """What is wrong."""
    return {problem.kind for problem in found.problems}


def change(path: Path, *, keep_times: bool) -> None:
    """Another content of the same size, perhaps under the times of the old one."""
    before = path.stat()
    content = bytearray(path.read_bytes())
    content[20] ^= 1
    path.write_bytes(content)
    if keep_times:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_what_was_proved_is_not_read_again(proved: LakeLayout) -> None:
    """The next run finds the same, file by file, from what it knows."""
    found = verify(proved)
    assert (counts(found), found.holds, found.symbols[0].trades) == ((0, 2), True, 150)
    assert found.symbols[0].hours == verify(proved, full=True).symbols[0].hours


def test_only_new_files_are_read(proved: LakeLayout) -> None:
    """Those that landed since, in quarantine too, and the file that replaces others."""
    land(proved, range(151, 161))
    quarantine(proved, [(b"BTC/USD", b"?")])
    settle(proved)
    assert counts(verify(proved)) == (2, 2)
    assert counts(verify(proved)) == (0, 4)
    compact(proved)
    settle(proved)
    found = verify(proved)
    assert (counts(found), found.holds, found.files) == ((1, 1), True, 2)
    assert counts(verify(proved)) == (0, 2)


def test_a_changed_file_is_read_and_named(proved: LakeLayout) -> None:
    """A write shows in its modification time."""
    change(files(proved)[0], keep_times=False)
    found = verify(proved)
    assert counts(found) == (1, 1)
    assert ProblemKind.CHANGED in kinds(found)


def test_a_touched_file_is_read_and_holds(proved: LakeLayout) -> None:
    """Its content is what was committed, which only reading it shows."""
    os.utime(files(proved)[1], ns=(0, AN_HOUR))
    found = verify(proved)
    assert (counts(found), found.holds) == ((1, 1), True)
    assert counts(verify(proved)) == (0, 2)


def test_a_file_that_was_restored_from_a_copy_is_read(proved: LakeLayout) -> None:
    """It has its size and times, and is another file."""
    path = files(proved)[0]
    copy = path.with_name("copy")
    shutil.copy2(path, copy)
    copy.replace(path)
    assert counts(verify(proved)) == (1, 1)


def test_a_hidden_change_is_found_by_reading_everything(proved: LakeLayout) -> None:
    """Where size, times and inode were restored only `full` shows it, and it is not forgotten."""
    change(files(proved)[0], keep_times=True)
    assert verify(proved).holds
    for found, expected in ((verify(proved, full=True), (2, 0)), (verify(proved), (1, 1))):
        assert counts(found) == expected
        assert ProblemKind.CHANGED in kinds(found)


def test_another_statement_of_the_log_is_compared_with_the_rows(proved: LakeLayout) -> None:
    """A proof holds for what the commit said then."""
    path = min(proved.commits.glob("0*.json"))
    commit = json.loads(path.read_bytes())
    commit["files"][0]["ids"] = [[1, 99], [500, 500]]
    path.write_text(json.dumps(commit))
    found = verify(proved)
    assert counts(found) == (1, 1)
    assert ProblemKind.WRONG_IDS in kinds(found)


def test_a_known_file_that_is_gone_is_missed(proved: LakeLayout) -> None:
    """It is neither read nor known."""
    files(proved)[0].unlink()
    found = verify(proved)
    assert (counts(found), kinds(found)) == ((0, 1), {ProblemKind.MISSING_FILE})


def test_a_problem_of_one_file_leaves_the_others_proved(whole: LakeLayout) -> None:
    """The faulty one is read until it is repaired."""
    settle(whole)
    change(files(whole)[0], keep_times=True)
    assert not verify(whole).holds
    assert counts(verify(whole)) == (1, 1)


def damage(kept: Path) -> None:
    """Half of it."""
    kept.write_bytes(kept.read_bytes()[:100])


def empty(kept: Path) -> None:
    """No Parquet at all."""
    kept.write_bytes(b"")


def outdate(kept: Path) -> None:
    """As a version would write it that proves something else."""
    version = pq.read_table(kept).replace_schema_metadata({"kraken_lake.proofs": "0"})
    pq.write_table(version, kept)


def misname(kept: Path) -> None:
    """Of this version, with another column."""
    table = pq.read_table(kept)
    pq.write_table(pa.table({"other": table["proof"]}, metadata=table.schema.metadata), kept)


@pytest.mark.parametrize("spoil", [Path.unlink, damage, empty, outdate, misname])
def test_without_usable_proofs_everything_is_read(
    proved: LakeLayout, spoil: Callable[[Path], None]
) -> None:
    """And kept anew."""
    spoil(proved.verified / "files.parquet")
    found = verify(proved)
    assert (counts(found), found.holds) == ((2, 0), True)
    assert counts(verify(proved)) == (0, 2)


def test_a_trade_of_a_new_file_that_a_known_one_has_is_found(proved: LakeLayout) -> None:
    """The log states the ids of both, and both are proved; the known one is not read."""
    old = files(proved)[0]
    name = old.name.replace("0000000001", "0000000003")
    shutil.copy(old, old.with_name(name))
    first, second = sorted(proved.commits.glob("0*.json"))[:2]
    commit = json.loads(second.read_bytes())
    file = json.loads(first.read_bytes())["files"][0]
    commit |= {"number": 3, "files": [file | {"path": file["path"].replace(old.name, name)}]}
    second.with_name(f"{3:020d}.json").write_text(json.dumps(commit))
    found = verify(proved)
    (problem,) = found.problems
    assert (counts(found), problem.kind) == ((1, 2), ProblemKind.DUPLICATES)
    assert problem.where.endswith(name)
    assert f"100 trades, ids 1 to 100, are also in {proved.relative(old)}" in problem.advice
    assert found.symbols[0].duplicates == 100


def test_a_stray_copy_of_a_known_file_is_found(proved: LakeLayout) -> None:
    """Files that no commit names are read each time."""
    path = files(proved)[0]
    shutil.copy2(path, path.with_name("part-copy.parquet"))
    for _ in range(2):
        found = verify(proved)
        assert kinds(found) == {ProblemKind.EXTRA_FILE, ProblemKind.DUPLICATES}
        assert counts(found) == (0, 2)


def test_what_was_just_written_is_read_again(whole: LakeLayout) -> None:
    """Within a step of the file system's clock a second write would not show in its times."""
    assert counts(verify(whole)) == (2, 0)
    assert counts(verify(whole)) == (2, 0)


def test_two_verifications_at_once(whole: LakeLayout) -> None:
    """Both prove the lake, and what they keep can be used."""
    settle(whole)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(verify, [whole] * 4))
    assert all(found.holds and found.not_kept is None for found in results)
    assert counts(verify(whole)) == (0, 2)
    assert [path.name for path in whole.verified.iterdir()] == ["files.parquet"]


def test_a_lake_that_cannot_be_written_is_verified_all_the_same(whole: LakeLayout) -> None:
    """The result says that the next run has to read everything, and why."""
    settle(whole)
    whole.verified.write_text("in the way")
    found = verify(whole)
    assert (found.holds, counts(found)) == (True, (2, 0))
    assert found.not_kept is not None
    assert found.not_kept.startswith("The next verification will read these files again: ")
    assert str(whole.verified) in found.not_kept


def test_files_without_a_commit_log_prove_nothing(whole: LakeLayout) -> None:
    """No folder of the platform's is made beside a copy of the files."""
    shutil.rmtree(whole.platform)
    assert not verify(whole).holds
    assert not whole.platform.exists()
