"""The plan of disturbances, round by round, computed from a seed so that it can be repeated."""

import random
from dataclasses import dataclass
from enum import StrEnum


class Disturbance(StrEnum):
    """What happens in the middle of a round."""

    NONE = "nothing"
    KILL_BROKER = "the broker is killed and started again"
    KILL_REGISTRY = "the registry is killed and started again"
    FREEZE_BROKER = "the broker freezes for a while"
    FREEZE_PRODUCER = "the producer freezes while a second one takes over, then wakes"
    FREEZE_STREAM = "the stream freezes while a second one tries to start, then wakes"
    DROP_CHECKPOINT = "the stream's checkpoint is deleted"
    HALF_COMMIT = "half a commit file is left beside the log"
    FAULTY_KRAKEN = "Kraken refuses, cuts, repeats, skips and falls silent"


PATIENT = 0.8
"""The others kill the stream while it starts."""


class Feed(StrEnum):
    """KRAKEN_FEED of a round's producer. The rounds take turns, so that the first has this one."""

    WEBSOCKET = "websocket"
    REST = "rest"


class Victims(StrEnum):
    """Who gets SIGKILL at the end of a round, and is started again in the next one."""

    PRODUCER = "producer"
    STREAM = "stream"
    BOTH = "producer and stream"


WEIGHTS = (2, 1, 1)
"""A stream takes ten seconds to start, a producer one."""


@dataclass(frozen=True)
class Round:
    """Some seconds of producer and stream, at the end of which one of them is killed, or both.

    Attributes:
        feed: Where the producer gets its trades from, if it is started now.
        patient: Whether the stream, if it is started now, gets as far as its first commit.
        before: Seconds from there until the disturbance.
        disturbance: What happens then.
        after: Seconds from its end to the kill.
        victims: Who is killed.
    """

    feed: Feed
    patient: bool
    before: float
    disturbance: Disturbance
    after: float
    victims: Victims

    def __str__(self) -> str:
        first = "from the first commit" if self.patient else "from the start"
        return (
            f"{self.feed}, {self.before:.1f} s {first}, {self.disturbance}, {self.after:.1f} s, "
            f"kill -9 {self.victims}"
        )


def make_plan(seed: str, rounds: int) -> list[Round]:
    """So many rounds; with enough of them every disturbance has its turn before any repeats.

    The first is patient, so that some trades come by the WebSocket whatever happens later.
    """
    chance, feeds = random.Random(seed), list(Feed)
    kinds: list[Disturbance] = []
    while len(kinds) < rounds:
        kinds += chance.sample(list(Disturbance), k=len(Disturbance))
    return [
        Round(
            feed=feeds[number % len(feeds)],
            patient=chance.random() < PATIENT or number == 0,
            before=chance.uniform(0, 5),
            disturbance=kind,
            after=chance.uniform(0, 4),
            victims=chance.choices(list(Victims), WEIGHTS)[0],
        )
        for number, kind in enumerate(kinds[:rounds])
    ]
