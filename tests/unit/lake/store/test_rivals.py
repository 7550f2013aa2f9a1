"""Writers that sleep, and others that start meanwhile: the newest of a role goes on alone."""

import random
from functools import partial

import obstore.exceptions
import pytest

from lake.errors import CommitsFolded, StoreRefused, WriterFenced
from lake.log.commit_log import CommitLog
from lake.log.snapshot import read_snapshot
from lake.write.writer import LakeWriter
from tests.unit.lake.store.frozen import Frozen
from tests.unit.lake.store.landing import ETH, by_files, compact, land, staged
from tests.unit.lake.store.stores import Request, Stores
from tests.unit.lake.store.test_kills import (
    Onlooker,
    batch,
    compact_and_fold,
    expected,
    is_whole,
    is_whole_but_for_retired,
    stream,
    with_retirement,
)

ROUNDS = 12


def test_a_stream_that_slept_is_fenced(stores: Stores) -> None:
    """Its batch does not land, also if nothing else has landed since."""
    land(stores.process()[0], batch(1))
    old, _ = stores.process()
    with LakeWriter.open(old, run_id="old") as slept:
        uploaded = staged(slept, 0, batch(4))
        with LakeWriter.open(stores.process()[0], run_id="new") as new:
            with pytest.raises(WriterFenced, match="another stream"):
                slept.commit(uploaded)
            new.commit(staged(new, 0, batch(4)))
    assert set(by_files(old)) == expected(2)


def test_a_stream_that_slept_in_its_commit_is_fenced(stores: Stores) -> None:
    """Whichever request it slept at: its uploads are gone when it reads them to deduplicate."""
    ended = []
    for after in range(20):
        name = f"slept-{after}"
        lake, process = stores.process()
        with LakeWriter.open(lake, run_id=name) as writer:
            writer.commit(staged(writer, 0, batch(1)))
            again = staged(writer, 1, {**batch(1), ETH: [1, 4 + after]})
            frozen = Frozen()
            process.before_each = frozen.before
            frozen.start(partial(writer.commit, again), after)
            land(stores.process()[0], run=f"next-{after}")
            frozen.wake()
        assert frozen.error is None or isinstance(frozen.error, WriterFenced), frozen.error
        ended.append(frozen.error)
    assert any(ended)
    assert None in ended


def test_what_a_killed_run_uploaded_goes_with_the_next_start(stores: Stores) -> None:
    """Nothing stays that no commit names, and nothing goes that one names."""
    lake, _ = stores.process()
    land(lake, batch(1))
    with LakeWriter.open(lake, run_id="killed") as writer:
        staged(writer, 0, batch(4))
    assert len(stores.keys("_platform/KRAKEN/live")) == 6
    land(lake, run="next")
    assert len(stores.keys("_platform/KRAKEN/live")) == 3
    assert set(by_files(lake)) == expected(1)


def test_trades_that_come_again_leave_no_upload(stores: Stores) -> None:
    """A file that is partly new has a copy of that part; one that is not is gone."""
    lake, _ = stores.process()
    land(lake, batch(1), {**batch(1), ETH: [1, 4]})
    assert by_files(lake) == sorted([*expected(1), ("ETH_USD", 4)])
    named = set(read_snapshot(lake).files)
    assert set(stores.keys("_platform/KRAKEN/live")) == named
    assert all(path.endswith(".parquet") for path in named)


def test_replaced_files_go_with_the_next_run_of_maintenance(stores: Stores) -> None:
    """Readers who listed them can finish."""
    lake, _ = stores.process()
    land(lake, batch(1), batch(4))
    compact(lake, run="m1")
    assert len(stores.keys("_platform/KRAKEN/live")) == 6
    compact(lake, run="m2")
    assert stores.keys("_platform/KRAKEN/live") == []
    assert stores.keys("_platform/KRAKEN/staging") == []
    is_whole(lake, 2)


def test_one_that_sleeps_while_it_starts_removes_nothing_of_a_later_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What it may remove was listed before its fence; the later run came after."""
    landed = []
    for after in range(30):
        stores = Stores(monkeypatch)
        land(stores.process()[0], batch(1))
        with LakeWriter.open(stores.process()[0], run_id="killed") as writer:
            staged(writer, 0, batch(4))
        frozen = Frozen()
        slow, _ = stores.process(before_each=frozen.before)
        frozen.start(partial(land, slow, run="slow"), after)
        later, _ = stores.process()
        with LakeWriter.open(later, run_id="later") as writer:
            uploaded = staged(writer, 0, batch(4))
            frozen.wake()
            try:
                writer.commit(uploaded)
            except WriterFenced:
                landed.append(False)  # The one that slept had its fence still before it.
            else:
                landed.append(True)
        assert frozen.error is None or isinstance(frozen.error, WriterFenced), frozen.error
        assert by_files(later) == sorted(expected(1 + landed[-1]))
    assert set(landed) == {True, False}


def test_the_first_two_streams_of_an_empty_lake(stores: Stores) -> None:
    """One of them lands; neither removes what the other uploaded."""
    one, other = stores.process()[0], stores.process()[0]
    with LakeWriter.open(one, run_id="one") as first:
        uploaded = staged(first, 0, batch(1))
        with LakeWriter.open(other, run_id="other") as second:
            first.commit(uploaded)
            with pytest.raises(WriterFenced):
                second.commit(staged(second, 0, batch(1)))
    assert set(by_files(one)) == expected(1)


def test_a_lost_answer_to_a_commit_is_recognized(stores: Stores) -> None:
    """The library asks again and is told that the key is taken, by our own commit."""
    lake, process = stores.process()
    with LakeWriter.open(lake, run_id="r1") as writer:
        uploaded = staged(writer, 0, batch(1))

        def carry_out_first(request: Request) -> None:
            if request.kind == "create":
                process.before_each = lambda _: None
                process.conditional = True
                key, content = request.key, carried[0]
                process.store.put(key, content, mode="create")

        carried: list[bytes] = []
        real = CommitLog.append

        def append(log: CommitLog, commit: object, needed: object = ()) -> bool:
            carried.append(commit.model_dump_json().encode())  # type: ignore[attr-defined]
            return real(log, commit, needed)  # type: ignore[arg-type]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(CommitLog, "append", append)
            process.before_each = carry_out_first
            commit = writer.commit(uploaded)
    assert (commit.number, commit.rows) == (1, 4)
    assert set(by_files(lake)) == expected(1)


def test_a_commit_without_an_answer_is_sent_again(stores: Stores) -> None:
    """A broken connection says nothing about whether it was written."""
    lake, process = stores.process()
    with LakeWriter.open(lake, run_id="r1") as writer:
        uploaded = staged(writer, 0, batch(1))
        broken = obstore.exceptions.GenericError("error sending request")
        process.faults["create"] = [broken, broken]
        writer.commit(uploaded)
    assert by_files(lake) == sorted(expected(1))


def test_a_store_that_ignores_the_condition_is_refused(stores: Stores) -> None:
    """By trying it, before anything is written to the lake."""
    lake, _ = stores.process(conditional=False)
    with (
        pytest.raises(StoreRefused, match="ignores the condition of a conditional write"),
        LakeWriter.open(lake, run_id="r1"),
    ):
        pass
    assert stores.keys() == []


def test_frozen_and_woken_at_any_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both roles sleep at moments by chance, others take over, and the sleepers wake up late."""
    chance = random.Random(20)
    for _ in range(ROUNDS):
        stores = Stores(monkeypatch)
        onlooker = Onlooker(stores.process()[0])
        stream(stores.process()[0], onlooker, 1, "first")
        sleepers = []
        for name in ("a", "b"):
            frozen = Frozen()
            lake, _ = stores.process(before_each=frozen.before, before_write=onlooker.look)
            streams = chance.random() < 0.5
            work = (
                partial(stream, lake, Onlooker(lake), 3, name)
                if streams
                else partial(compact_and_fold, lake, name)
            )
            frozen.start(work, chance.randrange(90))
            sleepers.append(frozen)
        others, _ = stores.process(before_write=onlooker.look)
        with_retirement(others, onlooker, run="others")
        for frozen in chance.sample(sleepers, 2):
            frozen.wake()
            if frozen.error is not None:
                # It is told that another one is at work, or that the commits it read are folded.
                assert isinstance(frozen.error, WriterFenced | CommitsFolded), frozen.error
            onlooker.look()
        with_retirement(stores.process(before_write=onlooker.look)[0], onlooker, run="last")
        is_whole_but_for_retired(stores.process()[0])
