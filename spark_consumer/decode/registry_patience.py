"""How long the stream retries a registry that fails, or that says it does not know a schema."""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from schemas.avro.wire import SchemaName

__all__ = ["Asking", "Denials", "asked_about", "few_of"]

_MOST_NAMED: Final = 3
_MOST_ASKED: Final = 200


@dataclass(frozen=True)
class Asking:
    """How the registry is asked.

    Attributes:
        patience: seconds for which a failing registry is retried before the stream stops.
        confirmation: seconds for which the registry must keep answering that it does not know an
            id. A registry that was just started may not have read all of its storage yet: Apicurio
            3.0.9 answers 404 for ids it holds, for two to three seconds (seen). A replica may lag
            as much.
        trust: seconds after that for which the answer about the same id counts at once.
        clock: returns the time in seconds.
        sleep: waits for a number of seconds.
    """

    patience: float = 60.0
    confirmation: float = 5.0
    trust: float = 60.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass
class Denials:
    """Remembers since when the registry has denied that an id or GUID belongs to the subject.

    Attributes:
        asking: how long it must keep denying that.
    """

    asking: Asking
    _since: dict[tuple[SchemaName, bool], float] = field(default_factory=dict)

    def are_confirmed(self, names: Collection[SchemaName], foreign: Collection[SchemaName]) -> bool:
        """Note the registry's answers; return whether all of them have lasted long enough.

        Args:
            names: ids and GUIDs that the subject does not have.
            foreign: those of them that the registry holds under other subjects.
        """
        now, asking = self.asking.clock(), self.asking
        kept = asking.confirmation + asking.trust
        self._since = {answer: at for answer, at in self._since.items() if now - at <= kept}
        answers = [(name, name in foreign) for name in names]
        for answer in answers:
            self._since.setdefault(answer, now)
        return all(now - self._since[answer] >= asking.confirmation for answer in answers)


def asked_about(names: Collection[SchemaName]) -> list[SchemaName]:
    """Return the names that the registry is asked for one by one: all, if they are not too many.

    The subject's own versions are listed by one request. Each further name costs one, and records
    may name any number of schemas that never were. The others count as unknown; GUIDs come first,
    since one may stand for the content of a known version.
    """
    return sorted(names, key=lambda name: (isinstance(name, int), str(name)))[:_MOST_ASKED]


def few_of(subjects: Sequence[str]) -> str:
    """Name the first subjects and count the others; hundreds may hold the same schema."""
    named = ", ".join(subjects[:_MOST_NAMED])
    others = len(subjects) - _MOST_NAMED
    return f"{named} and {others} more" if others > 0 else named
