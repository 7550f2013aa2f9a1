"""How long the stream asks a registry again that is at fault, or that says no."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from schemas.avro.wire import SchemaName

__all__ = ["Asking", "Denials"]


@dataclass(frozen=True)
class Asking:
    """How the registry is asked.

    Attributes:
        patience: seconds that a registry at fault is asked again before the stream stops.
        confirmation: seconds that it has to keep saying that it does not know an id. A registry
            that was just started may not have read all of its storage yet: Apicurio 3.0.9 answers
            404 for ids it holds, for two to three seconds (seen). A replica may be as far behind.
        trust: seconds after that for which its first word about the same id is taken.
        clock: the time in seconds.
        sleep: waits so many seconds.
    """

    patience: float = 60.0
    confirmation: float = 5.0
    trust: float = 60.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass
class Denials:
    """Since when the registry says that an id or GUID is not the subject's; each has its own time.

    Attributes:
        asking: how long that has to last.
    """

    asking: Asking
    _since: dict[tuple[SchemaName, bool], float] = field(default_factory=dict)

    def are_confirmed(self, names: Collection[SchemaName], foreign: Collection[SchemaName]) -> bool:
        """Note what the registry says now; whether it can be relied on for all these.

        Args:
            names: ids and GUIDs that are none of the subject's.
            foreign: those of them that the registry holds elsewhere.
        """
        now, asking = self.asking.clock(), self.asking
        kept = asking.confirmation + asking.trust
        self._since = {said: at for said, at in self._since.items() if now - at <= kept}
        said = [(name, name in foreign) for name in names]
        for answer in said:
            self._since.setdefault(answer, now)
        return all(now - self._since[answer] >= asking.confirmation for answer in said)
