"""A pipeline for the chaos tests: its programs, and the disturbances of a round."""

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from infra.embedded import EmbeddedStack
from infra.fake_kraken import Fault, FaultKind, ReplayServer
from tests.chaos.plan import Disturbance, Feed, Round, Victims
from tests.chaos.processes import LAND, PRODUCE, Process, frozen, run_to_end, started

FIRST_COMMIT_WITHIN = 40.0

FAULTS = (
    FaultKind.RATE_LIMIT,
    FaultKind.CUT,
    FaultKind.REPEAT,
    FaultKind.JUMP,
    FaultKind.DUPLICATE_FRAME,
    FaultKind.REORDER_FRAMES,
    FaultKind.LOST_FRAME,
    FaultKind.HALF_FRAME,
    FaultKind.CLOSE,
    FaultKind.MAINTENANCE,
    FaultKind.SILENCE,
)
"""Of REST and of the WebSocket: what a round's feed does not meet waits for one that does."""

STREAM = (*LAND, "--trigger", "0 seconds")


@dataclass(frozen=True)
class Pipeline:
    """What the programs of one test share.

    Attributes:
        killed: The names of those that got SIGKILL while they were alive, in that order.
    """

    kraken: ReplayServer
    stack: EmbeddedStack
    environment: dict[str, str]
    folder: Path
    killed: list[str] = field(default_factory=list)

    @property
    def lake(self) -> Path:
        """BASE_OUTPUT_PATH."""
        return self.folder / "data"

    @property
    def commits(self) -> Path:
        """The lake's log."""
        return self.lake / "_platform" / "KRAKEN" / "commits"

    @contextmanager
    def start(self, command: tuple[str, ...], name: str) -> Iterator[Process]:
        """A program on this pipeline, killed at the end of the block."""
        with started(command, self.environment, self.folder / f"{name}.log") as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    self.killed.append(name)

    def fed_by(self, feed: Feed) -> Self:
        """The same with another KRAKEN_FEED."""
        return replace(self, environment={**self.environment, "KRAKEN_FEED": feed})

    def run(self, command: tuple[str, ...]) -> None:
        """Run a program that is expected to end well."""
        run_to_end(command, self.environment, self.folder / "end.log")


class Programs:
    """Producer and stream of a pipeline: started where they are down, killed by name."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._running: dict[Victims, tuple[Process, ExitStack]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill(Victims.BOTH)

    @property
    def producer(self) -> Process:
        """The one that runs, or has ended by itself."""
        return self._running[Victims.PRODUCER][0]

    @property
    def stream(self) -> Process:
        """The same of the stream."""
        return self._running[Victims.STREAM][0]

    def start(self, one: Round) -> None:
        """Start who is down; a patient round waits for a new stream's first commit."""
        newest = self._newest_commit()
        self._start(Victims.PRODUCER, self._pipeline.fed_by(one.feed), PRODUCE)
        is_new = self._start(Victims.STREAM, self._pipeline, STREAM)
        deadline = time.monotonic() + FIRST_COMMIT_WITHIN
        while one.patient and is_new and self._newest_commit() == newest:
            if time.monotonic() > deadline or self.stream.poll() is not None:
                return
            time.sleep(0.1)

    def kill(self, victims: Victims) -> None:
        """SIGKILL, to whole groups of processes."""
        for victim in [Victims.PRODUCER, Victims.STREAM]:
            if victims in {victim, Victims.BOTH} and victim in self._running:
                self._running.pop(victim)[1].close()

    def _start(self, who: Victims, pipeline: Pipeline, command: tuple[str, ...]) -> bool:
        if who in self._running:
            if self._running[who][0].poll() is None:
                return False
            self.kill(who)
        at_end = ExitStack()
        self._running[who] = (at_end.enter_context(pipeline.start(command, who.value)), at_end)
        return True

    def _newest_commit(self) -> str:
        return max((path.name for path in self._pipeline.commits.glob("0*.json")), default="")


def go_through(one: Round, pipeline: Pipeline, programs: Programs) -> None:
    """Start who is down, disturb, kill."""
    programs.start(one)
    time.sleep(one.before)
    disturb(one.disturbance, pipeline.fed_by(one.feed), programs.producer, programs.stream)
    time.sleep(one.after)
    programs.kill(one.victims)


def disturb(what: Disturbance, pipeline: Pipeline, producer: Process, stream: Process) -> None:
    """Do what the plan says."""
    stack = pipeline.stack
    match what:
        case Disturbance.NONE:
            pass
        case Disturbance.KILL_BROKER:
            stack.kill_broker()
            pipeline.killed.append("broker")
            stack.start_broker()
        case Disturbance.KILL_REGISTRY:
            stack.kill_registry()
            pipeline.killed.append("registry")
            stack.start_registry()
        case Disturbance.FREEZE_BROKER:
            stack.freeze_broker()
            time.sleep(3)
            stack.thaw_broker()
        case Disturbance.FREEZE_PRODUCER:
            with frozen(producer), pipeline.start(PRODUCE, "produce"):
                time.sleep(5)
        case Disturbance.FREEZE_STREAM:
            with frozen(stream), pipeline.start(STREAM, "land"):
                time.sleep(5)
        case Disturbance.DROP_CHECKPOINT:
            shutil.rmtree(pipeline.commits.with_name("checkpoints"), ignore_errors=True)
        case Disturbance.HALF_COMMIT:
            leave_half_a_commit(pipeline.commits)
        case Disturbance.FAULTY_KRAKEN:
            pipeline.kraken.plan.add(Fault(kind=kind, times=2, seconds=1) for kind in FAULTS)


def leave_half_a_commit(log: Path) -> None:
    """What a process killed while it wrote the next commit leaves: it has no commit's name yet."""
    newest = max(log.glob("0*.json"), default=None)
    if newest is not None:
        scratch = log / f".{int(newest.stem) + 1:020d}.json.{time.monotonic_ns():x}"
        scratch.write_bytes(newest.read_bytes()[:100])
