"""The commit protocol in an object store: kills at any request, lost answers, frozen writers.

A real S3 server, with a proxy before it that loses answers. `make chaos` runs it at length.
"""

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess

import pytest

from infra.object_store.proxy import Fault, Request, StoreProxy
from infra.object_store.server import ObjectStore
from lake.layout import LakeLayout
from lake.log.commit_log import CommitLog
from tests.chaos.store.readers import ListingReader, SnapshotReader
from tests.chaos.store.victims import FENCED, Life, compact, land, layout_of

_PRELOADED = ["tests.chaos.store.victims", "pyarrow.parquet", "pydantic", "numpy"]
_LOST_ANSWERS = 0.1
_MOST_REQUESTS = 45
"""More than some programs make, so that a few run to their end."""
_PATIENCE = 300.0


class Arena:
    """A lake in the store, and the programs at work on it."""

    def __init__(self, address: str, environment: dict[str, str], chance: random.Random) -> None:
        self.address = address
        self._environment = environment
        self._chance = chance
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(_PRELOADED)
        self.kills: Counter[str] = Counter()
        self.woken = self.fenced = 0
        self.amiss: list[str] = []

    def life(self, *, mortal: bool = True, number: int = signal.SIGKILL) -> Life:
        """How a program is to run, by chance."""
        at = self._chance.randint(1, _MOST_REQUESTS) if mortal else 0
        return Life(self._chance.getrandbits(32), at, self._chance.random() < 0.5, number)

    def start(self, program: Callable[..., None], life: Life) -> BaseProcess:
        """Start a program."""
        process = self._context.Process(
            target=program, args=(self.address, self._environment, life), daemon=True
        )
        process.start()
        return process

    def end(self, process: BaseProcess, name: str) -> None:
        """Wait for a program's end, and count how it ended."""
        process.join(_PATIENCE)
        status = process.exitcode
        if status == -signal.SIGKILL:
            self.kills[name] += 1
        elif status == FENCED:
            self.fenced += 1
        elif status != 0:
            self.amiss.append(f"{name} ended with {status}")

    def kill_round(self) -> None:
        """Stream and maintenance at once, each killed at one of its requests."""
        running = [(land, "stream"), (compact, "maintenance")]
        started = [(self.start(program, self.life()), name) for program, name in running]
        for process, name in started:
            self.end(process, name)

    def frozen_round(self) -> None:
        """A program freezes at a request; the next one of its role works; the first one wakes."""
        program, name = self._chance.choice([(land, "stream"), (compact, "maintenance")])
        sleeper = self.start(program, self.life(number=signal.SIGSTOP))
        pid = sleeper.pid or 0
        while not _is_stopped(pid) and sleeper.is_alive():
            time.sleep(0.01)
        self.end(self.start(program, self.life(mortal=False)), name)
        if sleeper.is_alive():
            self.woken += 1
            os.kill(pid, signal.SIGCONT)
        self.end(sleeper, name)

    def settle(self) -> None:
        """Both programs once more, to their ends, so that nothing is left to do."""
        for program, name in ((land, "stream"), (compact, "maintenance"), (compact, "maintenance")):
            self.end(self.start(program, self.life(mortal=False)), name)


@pytest.fixture
def kills() -> int:
    """How many programs are killed at least: CHAOS_ROUNDS, or enough for a minute."""
    return int(os.environ.get("CHAOS_ROUNDS", "12"))


@pytest.mark.timeout(14_400)
def test_kills_at_any_request(
    object_store: ObjectStore,
    bucket: str,
    kills: int,
    seed: str,
    report: Callable[[str], None],
) -> None:
    """No trade is lost, none is twice, and no reader sees anything amiss at any moment."""
    chance = random.Random(seed)
    with _losing_answers(object_store, chance) as proxy:
        environment = {**object_store.env(), "AWS_ENDPOINT_URL": proxy.endpoint}
        arena = Arena(f"s3://{bucket}/lake", environment, chance)
        layout = layout_of(arena.address)
        arena.settle()
        readers = [ListingReader(layout, every=0.2), SnapshotReader(layout, every=0.2)]
        for reader in readers:
            reader.start()
        while sum(arena.kills.values()) < kills and not arena.amiss:
            arena.kill_round() if chance.random() < 0.7 else arena.frozen_round()
        arena.settle()
        for reader in readers:
            reader.end()
    lost = sum(one.status == 0 for one in proxy.requests)
    listing, snapshots = readers
    report(
        f"object store, seed {seed}: {sum(arena.kills.values())} kills "
        f"({', '.join(f'{name} {count}' for name, count in sorted(arena.kills.items()))}), "
        f"{arena.woken} woken, of which {arena.fenced} fenced, "
        f"{lost} answers lost, {listing.reads} listings, "
        f"{snapshots.reads} snapshots, {snapshots.most} trades in {_newest(layout)} commits"
    )
    assert arena.amiss + listing.amiss + snapshots.amiss == []
    last_id = CommitLog(layout.commits).state().position[0]
    # The highest id is in an hour that is closed, too: every hour is.
    assert (listing.most, snapshots.most) == (last_id, last_id)
    assert sum(arena.kills.values()) >= kills


@contextmanager
def _losing_answers(store: ObjectStore, chance: random.Random) -> Iterator[StoreProxy]:
    """A proxy that carries out some conditional writes and never says so."""
    dice = random.Random(chance.getrandbits(32))

    def fault(request: Request) -> Fault | None:
        is_commit = request.is_conditional and "/commits/" in request.key
        return Fault.LOST_ANSWER if is_commit and dice.random() < _LOST_ANSWERS else None

    with StoreProxy(store.endpoint, fault) as proxy:
        yield proxy


def _newest(layout: LakeLayout) -> int:
    return CommitLog(layout.commits).state().number


def _is_stopped(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] == "T"
    except OSError:
        return False
