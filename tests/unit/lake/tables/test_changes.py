"""What a range of commits changes in a table, by the commits alone."""

from hypothesis import given
from hypothesis import strategies as st

from lake.log.commit import Commit, CommitRange, DataFile, Role
from lake.log.snapshot import Snapshot
from lake.tables.changes import Added, Change, ChangeBuilder, difference
from tests.unit.lake.tables.commits import AT, OTHER_HOUR, commit, file

A, B, C = file("a", (1, 10)), file("b", (11, 20)), file("c", (21, 30))
AB, ABC = file("ab", (1, 20)), file("abc", (1, 30))
FAR = file("far", (31, 40), folder=OTHER_HOUR)


def change(*commits: Commit, after: int = 0) -> Change:
    """The sum of these commits."""
    builder = ChangeBuilder(after)
    for one in commits:
        builder.apply(one)
    built = builder.build()
    assert built is not None
    return built


def added(found: Change) -> dict[str, bool]:
    """The files that join by name, and whether they bring rows."""
    return {_name(one.file.path): one.new_rows for one in found.added}


def removed(found: Change) -> dict[str, bool]:
    """The files that leave by name, and whether rows go with them."""
    return {_name(one.path): one.rows_go for one in found.removed}


def _name(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".parquet")


def test_no_commit_is_no_change() -> None:
    """There is nothing to write then."""
    assert ChangeBuilder(7).build() is None


def test_a_range_names_its_commits_and_its_time() -> None:
    """The first after the table's commit, the last, and when that was written."""
    found = change(commit(8, A), commit(9, B), after=7)
    assert (found.first, found.last, found.committed_at) == (8, 9, commit(9).committed_at)
    assert added(found) == {"a": True, "b": True}


def test_a_merge_of_files_in_the_table_changes_no_row() -> None:
    """Whoever follows the table's changes need not look at it."""
    found = change(commit(3, AB, removed=[A, B]), after=2)
    assert (added(found), removed(found)) == ({"ab": False}, {"a": False, "b": False})


def test_a_file_that_came_and_went_does_not_appear() -> None:
    """It is gone from the disk; a version that named it could not be read."""
    found = change(commit(1, A), commit(2, B), commit(3, AB, removed=[A, B]))
    assert (added(found), removed(found)) == ({"ab": True}, {})


def test_a_merge_of_old_and_new_files_brings_rows() -> None:
    """The rows of the old file leave with it, and come back in the merged one."""
    found = change(commit(2, B), commit(3, AB, removed=[A, B]), after=1)
    assert (added(found), removed(found)) == ({"ab": True}, {"a": True})


def test_a_merge_of_a_merge_is_summed_up() -> None:
    """Whether rows are new is known through any number of merges."""
    two = change(commit(3, AB, removed=[A, B]), commit(4, C), commit(5, ABC, removed=[AB, C]))
    assert (added(two), removed(two)) == ({"abc": True}, {"a": True, "b": True})
    old = change(commit(4, AB, removed=[A, B]), commit(5, ABC, removed=[AB, C]), after=3)
    assert (added(old), removed(old)) == ({"abc": False}, {"a": False, "b": False, "c": False})


def test_folders_of_one_commit_are_told_apart() -> None:
    """A merge in one does not make rows of another old."""
    found = change(commit(3, AB, FAR, removed=[A, B]), after=2)
    assert added(found) == {"ab": False, "far": True}
    assert removed(found) == {"a": False, "b": False}


def test_files_that_leave_without_another_take_their_rows() -> None:
    """Such as trades that the lake does not keep any longer."""
    found = change(commit(3, removed=[A]), after=2)
    assert (added(found), removed(found)) == ({}, {"a": True})


def test_rows_that_were_read_again_are_new() -> None:
    """They have columns that they did not have before."""
    again = CommitRange(first=1, last=2)
    found = change(commit(3, AB, removed=[A, B], reread=again), after=2)
    assert (added(found), removed(found)) == ({"ab": True}, {"a": True, "b": True})


def test_one_file_of_a_batch_shows_the_columns_of_all() -> None:
    """The stream's batch has one schema; what was written again is looked into file by file."""
    batch = change(commit(1, A, FAR), commit(2, B))
    assert batch.look_into == ((A, FAR), (B,))
    replayed = change(commit(1, A, FAR, role=Role.MAINTENANCE))
    assert replayed.look_into == ((A,), (FAR,))


def test_a_table_is_compared_with_a_snapshot() -> None:
    """If the commits in between are folded: what is too much leaves, what is missing joins."""
    snapshot = Snapshot(number=9, files={one.path: one for one in (AB, C)})
    found = difference({A.path, B.path, C.path}, snapshot, AT)
    assert (found.last, found.committed_at) == (9, AT)
    assert (added(found), removed(found)) == ({"ab": True}, {"a": True, "b": True})
    assert found.look_into == ((AB,),)


@st.composite
def histories(draw: st.DrawFn) -> list[Commit]:
    """Commits that land files in two folders, merge some of them, and drop some."""
    live: dict[str, list[DataFile]] = {"hour=18": [], "hour=19": []}
    commits: list[Commit] = []
    for number in range(1, draw(st.integers(1, 12)) + 1):
        hour = draw(st.sampled_from(sorted(live)))
        inside = live[hour]
        folder = OTHER_HOUR if hour == "hour=19" else OTHER_HOUR.replace("hour=19", "hour=18")
        what = draw(st.sampled_from(["land", "merge", "drop"]))
        if what == "merge" and len(inside) > 1:
            gone = inside[: draw(st.integers(2, len(inside)))]
            runs = [run for one in gone for run in one.ids]
            new = [file(f"m{number}", *sorted(runs), folder=folder)]
        elif what == "drop" and inside:
            gone, new = inside[:1], []
        else:
            gone, new = [], [file(f"n{number}", (number * 10, number * 10 + 4), folder=folder)]
        live[hour] = [one for one in inside if one not in gone] + new
        commits.append(commit(number, *new, removed=gone))
    return commits


@given(histories(), st.data())
def test_any_ranges_lead_to_the_same_files(history: list[Commit], data: st.DataObject) -> None:
    """However the log is cut, the table ends with the lake's files, and each row is there once."""
    cuts = sorted(data.draw(st.sets(st.integers(1, len(history)))) | {len(history)})
    table: set[str] = set()
    rows: dict[str, int] = {}
    after = 0
    for cut in cuts:
        found = change(*history[after:cut], after=after)
        gone = {one.path for one in found.removed}
        assert gone <= table
        assert not {one.file.path for one in found.added} & table
        table = (table - gone) | {one.file.path for one in found.added}
        assert _rows_of_others(found, rows)
        rows = {path: count for path, count in rows.items() if path not in gone}
        rows |= {one.file.path: one.file.rows for one in found.added}
        after = cut
    assert table == set(Snapshot().apply_all(history).files)


def _rows_of_others(found: Change, rows: dict[str, int]) -> bool:
    """Whether actions that claim to change no row have as many rows before as after."""
    before = sum(rows[one.path] for one in found.removed if not one.rows_go)
    after = sum(one.file.rows for one in _unchanged(found))
    return before == after


def _unchanged(found: Change) -> list[Added]:
    return [one for one in found.added if not one.new_rows]
