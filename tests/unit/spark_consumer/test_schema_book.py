from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import pytest
import stamina

from schemas.errors import RegistryUnavailable, SchemaNotFound, SubjectNotFound
from schemas.registry import RegisteredVersion, Registry
from spark_consumer.errors import ReaderSchemaUnknown
from spark_consumer.schema_book import Asking, SchemaBook

SUBJECT = "kraken.trades-value"


@dataclass
class FakeRegistry:
    """A registry in memory that counts its calls and can be down for some of them."""

    ids: list[int]
    others: frozenset[int] = frozenset()
    down_for: int = 0
    subject_gone_for: int = 0
    ids_read_later: list[int] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def versions(self, subject: str) -> list[RegisteredVersion]:
        """All versions, oldest first."""
        self._called("versions")
        if self.subject_gone_for:
            self.subject_gone_for -= 1
            raise SubjectNotFound("gone")
        return [
            RegisteredVersion(subject, at, schema_id, f"schema {schema_id}")
            for at, schema_id in enumerate(self.ids, start=1)
        ]

    def schema_text(self, schema_id: int) -> str:
        """A schema of any subject."""
        self._called(f"id {schema_id}")
        if schema_id in self.others:
            return "another"
        raise SchemaNotFound(f"no {schema_id}")

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
        self.registry.ids += self.registry.ids_read_later
        self.registry.ids_read_later = []


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


def a_book(registry: FakeRegistry, pinned: int | None = None) -> SchemaBook:
    """A book over a fake registry."""
    clock = FakeClock(registry)
    asking = Asking(clock=lambda: clock.now, sleep=clock.sleep)
    return SchemaBook(cast("Registry", registry), SUBJECT, pinned_version=pinned, asking=asking)


def test_the_newest_version_is_the_reader() -> None:
    """All registered versions are known from the start, without a record of theirs."""
    plan = a_book(FakeRegistry([4, 9])).plan
    assert dict(plan.writers) == {4: "schema 4", 9: "schema 9"}
    assert (plan.reader, plan.reader_version) == ("schema 9", 2)


def test_known_ids_cost_no_call() -> None:
    """The registry is not polled: a batch without a new id asks it nothing."""
    registry = FakeRegistry([4, 9])
    book = a_book(registry)
    registry.calls.clear()
    assert not book.learn({4, 9})
    assert registry.calls == []


def test_a_new_version_is_adopted_when_its_first_record_comes() -> None:
    """Its id is looked up then, and it becomes the reader."""
    registry = FakeRegistry([4])
    book = a_book(registry)
    registry.ids.append(12)
    assert book.learn({12})
    assert (book.plan.reader, sorted(book.plan.writers)) == ("schema 12", [4, 12])


def test_a_pinned_reader_stays() -> None:
    """READER_SCHEMA holds the columns still while new writer schemas are learnt."""
    registry = FakeRegistry([4])
    book = a_book(registry, pinned=1)
    registry.ids.append(12)
    assert book.learn({12})
    assert (book.plan.reader, sorted(book.plan.writers)) == ("schema 4", [4, 12])


def test_pinning_a_version_that_is_not_registered_is_an_error() -> None:
    """The error lists those that are."""
    with pytest.raises(ReaderSchemaUnknown, match=r"READER_SCHEMA=v3.*has v1, v2"):
        a_book(FakeRegistry([4, 9]), pinned=3)


def test_an_id_of_another_subject_is_told_from_an_unknown_one() -> None:
    """Either is asked for again, since it may become a version of the subject any time."""
    registry = FakeRegistry([4], others=frozenset({7}))
    book = a_book(registry)
    assert book.learn({7, 8})
    assert book.plan.foreign == {7}
    assert not book.learn({7, 8})
    registry.ids.append(8)
    assert book.learn({8})
    assert 8 in book.plan.writers


def test_a_registry_that_comes_back_is_waited_for() -> None:
    """A fault that passes costs time, nothing else."""
    registry = FakeRegistry([4])
    book = a_book(registry)
    registry.ids.append(12)
    registry.down_for = 2
    assert book.learn({12})


def test_a_registry_that_stays_away_stops_the_stream() -> None:
    """The error is the registry's own; no record is blamed for it."""
    registry = FakeRegistry([4])
    book = a_book(registry)
    registry.down_for = 99
    with pytest.raises(RegistryUnavailable):
        book.learn({12})


def test_a_registry_that_is_still_reading_its_storage_is_given_time() -> None:
    """Its first word that it does not know an id is not taken for the truth."""
    registry = FakeRegistry([4])
    book = a_book(registry)
    registry.ids_read_later = [12]
    assert book.learn({12})
    assert 12 in book.plan.writers


def test_unknown_ids_one_after_another_cost_one_wait() -> None:
    """A topic full of them is not slowed down to one batch per wait."""
    registry = FakeRegistry([4])
    book = a_book(registry)
    assert not book.learn({100})
    registry.calls.clear()
    assert not book.learn({101})
    assert registry.calls == ["versions", "id 101"]


def test_an_id_of_another_subject_may_become_one_of_ours() -> None:
    """The same schema may be registered under a second subject, with the same id."""
    registry = FakeRegistry([4], others=frozenset({7}))
    book = a_book(registry)
    book.learn({7})
    registry.ids.append(7)
    assert book.learn({7})
    assert 7 in book.plan.writers
    assert book.plan.foreign == frozenset()


def test_what_was_learnt_is_not_forgotten() -> None:
    """A registry that has read half of its storage does not take known versions away."""
    registry = FakeRegistry([4, 9])
    book = a_book(registry)
    registry.ids = [4]
    book.learn({55})
    assert sorted(book.plan.writers) == [4, 9]
    assert book.plan.reader_version == 2


def test_a_subject_that_is_gone_for_a_moment_is_waited_for() -> None:
    """It was there before, so its absence is the registry's fault."""
    registry = FakeRegistry([4])
    book = a_book(registry)
    registry.ids.append(12)
    registry.subject_gone_for = 1
    assert book.learn({12})
