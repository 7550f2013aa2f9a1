"""A registry in memory, and a book over it."""

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from schemas.catalogue import load_catalogue
from schemas.errors import RegistryUnavailable, SchemaNotFound, SubjectNotFound
from schemas.registry.registered import RegisteredVersion
from spark_consumer.decode.registry_patience import Asking
from spark_consumer.decode.schema_cache import SchemaCache

if TYPE_CHECKING:
    from schemas.registry.client import Registry

SUBJECT = "kraken.trades-value"
CONTRACT = load_catalogue().trade
V1, V2 = (version.text for version in CONTRACT.versions[:2])


def with_field(name: str, base: str = V2, **attributes: Any) -> str:
    """A version with one more field, which has a default."""
    schema = json.loads(base)
    schema["fields"].append({"name": name, "type": "string", "default": "", **attributes})
    return json.dumps(schema)


V3 = with_field("venue_note")


@dataclass
class FakeRegistry:
    """A registry in memory that counts its calls and can be down for some of them."""

    texts: dict[int, str]
    others: dict[int, str] = field(default_factory=dict)
    down_for: int = 0
    subject_gone_for: int = 0
    read_later: dict[int, str] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    url: str = "http://registry"

    def versions_ever(self, subject: str) -> list[RegisteredVersion]:
        """All versions, oldest first."""
        self._called("versions")
        if self.subject_gone_for:
            self.subject_gone_for -= 1
            raise SubjectNotFound("gone")
        return [
            RegisteredVersion(subject, at, schema_id, text, deleted=schema_id in self.deleted)
            for at, (schema_id, text) in enumerate(self.texts.items(), start=1)
        ]

    def schema_text(self, schema_id: int) -> str:
        """A schema of any subject."""
        self._called(f"id {schema_id}")
        if schema_id in self.others:
            return self.others[schema_id]
        raise SchemaNotFound(f"no {schema_id}")

    def subjects_of(self, schema_id: int) -> list[str]:
        """The subject that an id is another's of."""
        return ["orders-value"] if schema_id in self.others else []

    def _called(self, what: str) -> None:
        self.calls.append(what)
        if self.down_for:
            self.down_for -= 1
            raise RegistryUnavailable("down")


@dataclass
class FakeClock:
    """Time that passes when somebody sleeps; the registry may learn of schemas meanwhile."""

    registry: FakeRegistry
    now: float = 1000.0

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        self.registry.texts |= self.registry.read_later
        self.registry.read_later = {}


def a_cache(
    registry: FakeRegistry, pinned: int | None = None, clock: FakeClock | None = None
) -> SchemaCache:
    """A book over a fake registry."""
    clock = clock or FakeClock(registry)
    asking = Asking(clock=lambda: clock.now, sleep=clock.sleep)
    return SchemaCache(
        cast("Registry", registry), SUBJECT, CONTRACT, pinned_version=pinned, asking=asking
    )
