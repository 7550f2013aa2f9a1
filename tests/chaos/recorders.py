"""Two producers that share eight pairs, and the stream: started, killed, given another feed."""

import random
import signal
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Final, Self

from infra.embedded import EmbeddedStack
from tests.chaos.ground_truth import ask
from tests.chaos.pipeline import STREAM, Pipeline
from tests.chaos.plan import Feed
from tests.chaos.processes import PRODUCE, Process, tell_group

__all__ = ["Kill", "Recorders", "kills"]

PATIENCE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Kill:
    """Kills a program with SIGKILL.

    Attributes:
        at: Seconds after the start.
        victim: `left`, `right`, `stream`, `broker` or `registry`.
    """

    at: float
    victim: str


def kills(seed: str, seconds: float) -> list[Kill]:
    """Who is killed when: each of the five in turn, in random order, some seconds apart."""
    chance, at, found = random.Random(f"kills {seed}"), 10.0, list[Kill]()
    while True:
        for victim in chance.sample(["left", "right", "left", "right", "stream", "broker"], k=6):
            at += chance.uniform(5.0, 15.0)
            if at > seconds * 0.9:
                return found
            found.append(Kill(at, victim))


@dataclass(slots=True)
class Program:
    """One that runs.

    Attributes:
        process: The process.
        at_end: Ends it.
        feed: KRAKEN_FEED, of a producer.
    """

    process: Process
    at_end: ExitStack
    feed: Feed = Feed.REST


class Recorders:
    """The programs of a run.

    Args:
        pipeline: What they share.
        pairs: Those of the left producer, and those of the right one.

    Attributes:
        ended: The programs that ended without having been killed, with their last line.
    """

    def __init__(self, pipeline: Pipeline, pairs: tuple[Sequence[str], Sequence[str]]) -> None:
        self._pipeline = pipeline
        self._pairs = dict(zip(("left", "right"), pairs, strict=True))
        self._running: dict[str, Program] = {}
        self._feeds = {"left": Feed.REST, "right": Feed.WEBSOCKET}
        self._symbols: dict[str, str] = {}
        self.ended: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self._running):
            self._running.pop(name).at_end.close()

    def start_missing(self) -> None:
        """Start the programs that do not run; note those that ended by themselves."""
        for name in ("left", "right", "stream"):
            running = self._running.get(name)
            if running is not None and running.process.poll() is not None:
                self.ended.append(f"{name}: {self._last_line(name)}")
                self._running.pop(name).at_end.close()
            if name not in self._running:
                self._start(name)

    def kill(self, victim: str) -> None:
        """SIGKILL; a broker is started again at once, a producer with the other feed."""
        stack = self._pipeline.stack
        if victim == "broker":
            stack.kill_broker()
            self._pipeline.killed.append("broker")
            self._restart_broker(stack)
        elif victim in self._running:
            self._running.pop(victim).at_end.close()
            if victim in self._feeds:
                feeds = list(Feed)
                self._feeds[victim] = feeds[1 - feeds.index(self._feeds[victim])]

    def restart_with(self, feed: Feed) -> None:
        """Restart both producers, without what they had confirmed so far."""
        for name in ("left", "right"):
            self.kill(name)
            self._feeds[name] = feed
        self.start_missing()

    def accept(self, name: str, key: str, symbol: str) -> None:
        """Has a producer's pair recorded as another symbol from its new book on."""
        command = ("accept-new-book", "--pair", key, "--as", symbol)
        status, said, complaint = ask(self._environment(name), "producer", *command)
        assert status == 0, complaint
        self._symbols[name] = said.partition("SYMBOL=")[2].partition(" ")[0]
        self.kill(name)
        self._feeds[name] = Feed.REST
        self.start_missing()

    def end(self) -> None:
        """SIGTERM to both producers, and the end of the stream."""
        for name in ("left", "right"):
            process = self._running[name].process
            tell_group(process, signal.SIGTERM)
            process.wait(PATIENCE_SECONDS)
        self.__exit__()

    def _restart_broker(self, stack: EmbeddedStack) -> None:
        time.sleep(1.0)
        stack.start_broker()

    def _start(self, name: str) -> None:
        pipeline, command = self._pipeline, STREAM
        if name in self._pairs:
            pipeline, command = replace(pipeline, environment=self._environment(name)), PRODUCE
        at_end = ExitStack()
        process = at_end.enter_context(pipeline.start(command, name))
        self._running[name] = Program(process, at_end)

    def _environment(self, name: str) -> dict[str, str]:
        return {
            **self._pipeline.environment,
            "KRAKEN_PAIR": ",".join(self._pairs[name]),
            "KRAKEN_FEED": self._feeds[name],
            "SYMBOL": self._symbols.get(name, ""),
            "TRANSACTIONAL_ID": name,
        }

    def _last_line(self, name: str) -> str:
        text = (self._pipeline.folder / f"{name}.log").read_text(errors="replace")
        return next((line for line in reversed(text.splitlines()) if line.strip()), "")
