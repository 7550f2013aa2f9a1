"""What is done to the pipeline, round after round: made from a seed, so that it can be repeated."""

import random
from dataclasses import dataclass
from enum import StrEnum


class Disturbance(StrEnum):
    """What happens in the middle of a round, before everything is killed at its end."""

    NONE = "nothing"
    KILL_BROKER = "the broker is killed and started again"
    KILL_REGISTRY = "the registry is killed and started again"
    FREEZE_BROKER = "the broker freezes for a while"
    FREEZE_PRODUCER = "the producer freezes while a second one takes over, then wakes"
    FREEZE_STREAM = "the stream freezes while a second one tries to start, then wakes"
    DROP_CHECKPOINT = "the stream's checkpoint is deleted"
    HALF_COMMIT = "half a commit file is left beside the log"
    FAULTY_KRAKEN = "Kraken refuses, cuts, repeats, skips and falls silent"


class Feed(StrEnum):
    """KRAKEN_FEED of a round's producer."""

    REST = "rest"
    WEBSOCKET = "websocket"


ONE_MORE_KILL = {
    Disturbance.KILL_BROKER,
    Disturbance.KILL_REGISTRY,
    Disturbance.FREEZE_PRODUCER,
    Disturbance.FREEZE_STREAM,
}


@dataclass(frozen=True)
class Round:
    """One start of producer and stream, both killed at the end.

    Attributes:
        feed: where the producer gets its trades from.
        before: seconds until the disturbance.
        disturbance: what happens then.
        after: seconds from its end to the kill.
    """

    feed: Feed
    before: float
    disturbance: Disturbance
    after: float

    @property
    def kills(self) -> int:
        """How many programs get SIGKILL in it: producer and stream at the end, and who comes in."""
        return 2 + (self.disturbance in ONE_MORE_KILL)

    def __str__(self) -> str:
        return (
            f"{self.feed}, {self.before:4.1f} s, {self.disturbance}, {self.after:4.1f} s, kill -9"
        )


def make_plan(seed: str, rounds: int) -> list[Round]:
    """So many rounds; with enough of them every disturbance has its turn before any repeats."""
    chance = random.Random(seed)
    kinds: list[Disturbance] = []
    while len(kinds) < rounds:
        kinds += chance.sample(list(Disturbance), k=len(Disturbance))
    return [
        Round(chance.choice(list(Feed)), chance.uniform(1, 12), kind, chance.uniform(0.5, 6))
        for kind in kinds[:rounds]
    ]
