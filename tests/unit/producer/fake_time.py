"""A clock that only waits move."""

from dataclasses import dataclass, field

from producer.stopping import StopRequest


@dataclass
class FakeTime(StopRequest):
    """A stop request whose waits pass at once, on a clock of their own."""

    now: float = 0.0
    waits: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def wait(self, seconds: float) -> bool:
        """Moves the clock."""
        self.waits.append(round(max(0.0, seconds), 3))
        self.now += max(0.0, seconds)
        return self.made()
