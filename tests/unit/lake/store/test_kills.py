"""Programs are killed between any two requests, while readers look on between any two, too."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

import pytest

from lake.id_ranges import IdRanges
from lake.layout import LakeLayout
from lake.log.commit import Role
from lake.log.folding import fold
from lake.log.snapshot import read_snapshot
from lake.verify.result import ProblemKind
from lake.verify.verification import verify
from lake.write.compaction import Compaction
from lake.write.retirement import Retirement
from lake.write.writer import LakeWriter
from tests.unit.lake.lakes import HOUR, LONG_AFTER
from tests.unit.lake.store.landing import ETH, NEXT_HOUR, by_files, by_listing, compact, staged
from tests.unit.lake.store.stores import Killed, Request, Stores

SYMBOLS = {HOUR: "BTC_USD", NEXT_HOUR: "BTC_USD", ETH: "ETH_USD"}


@dataclass
class Onlooker:
    """A reader with a view of its own, who looks between any two requests of the others.

    Attributes:
        lake: the lake as it sees it.
        acknowledged: trades that have been reported as landed: files() must show them.
        retiring: those of them that are being retired: they may be gone.
        reads: how often it looked.
    """

    lake: LakeLayout
    acknowledged: set[tuple[str, int]] = field(default_factory=set)
    retiring: set[tuple[str, int]] = field(default_factory=set)
    reads: int = 0
    _closed: set[tuple[str, int]] = field(default_factory=set)

    def look(self, _: Request | None = None) -> None:
        """Fail if a trade is there twice, is lost, or has vanished again."""
        self.reads += 1
        closed, all_trades = by_listing(self.lake), by_files(self.lake)
        assert len(set(closed)) == len(closed), "a listing shows a trade twice"
        assert len(set(all_trades)) == len(all_trades), "files() shows a trade twice"
        assert self._closed <= set(closed) | self.retiring, "a listing has lost trades"
        assert self.acknowledged <= set(all_trades) | self.retiring, "files() has lost trades"
        self._closed = set(closed)


def batch(first: int) -> dict[str, range]:
    """Trades of two pairs and two hours; ETH's ids begin anew as a pair's do."""
    return {
        HOUR: range(first, first + 2),
        ETH: range(first, first + 1),
        NEXT_HOUR: range(first + 2, first + 3),
    }


def expected(batches: int) -> set[tuple[str, int]]:
    """What so many batches hold."""
    return {
        (SYMBOLS[folder], one)
        for number in range(batches)
        for folder, ids in batch(3 * number + 1).items()
        for one in ids
    }


def stream(lake: LakeLayout, onlooker: Onlooker, up_to: int, run: str) -> None:
    """Land what is missing of so many batches, as a run of the stream does."""
    with LakeWriter.open(lake, run_id=run) as writer:
        for number in range(writer.state.position.get(0, 0) // 4, up_to):
            writer.commit(staged(writer, number, batch(3 * number + 1)))
            onlooker.acknowledged |= expected(number + 1)


def scenario(lake: LakeLayout, onlooker: Onlooker, run: str = "r") -> None:
    """A stream lands, maintenance closes the hours, late trades come, it closes them again."""
    stream(lake, onlooker, 2, f"{run}-s1")
    compact(lake, run=f"{run}-m1")
    stream(lake, onlooker, 3, f"{run}-s2")
    compact(lake, run=f"{run}-m2")


def with_retirement(lake: LakeLayout, onlooker: Onlooker, run: str = "r") -> None:
    """The same, and the log is folded each time; in the end one pair's hour is retired."""
    stream(lake, onlooker, 2, f"{run}-s1")
    compact_and_fold(lake, f"{run}-m1")
    stream(lake, onlooker, 3, f"{run}-s2")
    compact_and_fold(lake, f"{run}-m2")
    onlooker.retiring |= {one for one in expected(3) if one in RETIRED}
    with LakeWriter.open(lake, run_id=f"{run}-m3", role=Role.MAINTENANCE) as writer:
        held = read_snapshot(lake, at=writer.state.number).files.values()
        old = [file for file in held if file.folder == f"KRAKEN/{HOUR}"]
        list(Retirement(lake, writer, LONG_AFTER).run(old))
        fold(lake, writer.settle(), datetime.now(UTC))


def compact_and_fold(lake: LakeLayout, run: str) -> None:
    """What `kraken-lake compact` does; commits are kept no longer than they have to be."""
    with LakeWriter.open(lake, run_id=run, role=Role.MAINTENANCE) as writer:
        snapshot = read_snapshot(lake, at=writer.state.number)
        list(Compaction(lake, writer, "zstd").run(snapshot, LONG_AFTER))
        fold(lake, writer.settle(), datetime.now(UTC))


RETIRED = {("BTC_USD", one) for number in range(3) for one in batch(3 * number + 1)[HOUR]}


def is_whole(lake: LakeLayout, batches: int) -> None:
    """Every trade once, in the readers' folder, and a verification finds nothing."""
    assert by_files(lake) == sorted(expected(batches))
    assert by_listing(lake) == sorted(expected(batches))
    kinds = {problem.kind for problem in verify(lake).problems}
    assert kinds <= {ProblemKind.SUSPECTED_GAP}, kinds


def is_whole_but_for_retired(lake: LakeLayout) -> None:
    """The same, without the hour of the pair that was retired, which has landed all the same."""
    left = sorted(expected(3) - RETIRED)
    assert by_files(lake) == by_listing(lake) == left
    found = verify(lake)
    assert {problem.kind for problem in found.problems} <= {ProblemKind.SUSPECTED_GAP}
    assert sum(len(IdRanges(pair.retired)) for pair in found.symbols) == len(RETIRED)


def killed_anywhere(
    monkeypatch: pytest.MonkeyPatch,
    work: Callable[..., None],
    is_right: Callable[[LakeLayout], None],
) -> int:
    """Do the work with each of its writing requests as the last, and then again to the end.

    A fourth of them in the suite; `make chaos` takes each.

    Readers look before each request that changes anything, of the killed process and the next.
    """
    kill_after = 0
    step = 1 if "CHAOS_ROUNDS" in os.environ else 4
    while True:
        stores = Stores(monkeypatch)
        onlooker = Onlooker(stores.process()[0])
        killed, process = stores.process(kill_after=kill_after, before_write=onlooker.look)
        try:
            work(killed, onlooker)
        except Killed:
            pass
        else:
            assert process.writes > kill_after - step
            return process.writes
        work(stores.process(before_write=onlooker.look)[0], onlooker, run="next")
        onlooker.look()
        is_right(stores.process()[0])
        kill_after += step


def test_killed_between_any_two_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever request is the last of a process, the next one completes the lake."""
    assert killed_anywhere(monkeypatch, scenario, partial(is_whole, batches=3)) > 50


def test_killed_while_it_folds_and_retires(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log is whole, what was retired stays away, and the rest is there once."""
    assert killed_anywhere(monkeypatch, with_retirement, is_whole_but_for_retired) > 70
