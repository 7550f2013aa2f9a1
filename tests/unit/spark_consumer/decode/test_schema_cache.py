from collections.abc import Iterator

import pytest
import stamina
from structlog.testing import capture_logs

from schemas.errors import RegistryUnavailable
from spark_consumer.errors import ReaderSchemaUnknown
from tests.unit.spark_consumer.fake_registry import (
    V1,
    V2,
    V3,
    FakeClock,
    FakeRegistry,
    a_cache,
    with_field,
)


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


def test_all_registered_versions_are_known_from_the_start() -> None:
    """Without a record of theirs; what loses nothing is the reader."""
    plan = a_cache(FakeRegistry({4: V1, 9: V2})).plan
    assert dict(plan.writers) == {4: V1, 9: V2}
    assert (plan.reader, plan.reader_name) == (V2, "trade v2")


def test_known_ids_cost_no_call() -> None:
    """The registry is not polled: a batch without a new id asks it nothing."""
    registry = FakeRegistry({4: V1, 9: V2})
    cache = a_cache(registry)
    registry.calls.clear()
    assert not cache.learn({4, 9})
    assert registry.calls == []


def test_a_new_version_is_adopted_when_its_first_record_comes() -> None:
    """Its id is looked up then, and it becomes the reader."""
    registry = FakeRegistry({4: V2})
    cache = a_cache(registry)
    registry.texts[12] = V3
    assert cache.learn({12})
    assert (cache.plan.reader, sorted(cache.plan.writers)) == (V3, [4, 12])


def test_ids_without_end_cost_few_calls() -> None:
    """They are unknown, and a version that was registered meanwhile is found among them."""
    registry = FakeRegistry({4: V2})
    cache = a_cache(registry)
    registry.calls.clear()
    registry.texts[50_000] = V3
    assert cache.learn(set(range(10, 100_000)))
    assert sorted(cache.plan.writers) == [4, 50_000]
    assert len(registry.calls) < 5_000


def test_an_older_text_with_a_higher_number_is_not_adopted() -> None:
    """Its records are decoded, the reader stays, and one line says which version and why."""
    registry = FakeRegistry({4: V2})
    cache = a_cache(registry)
    registry.texts[12] = V1
    with capture_logs() as logs:
        assert cache.learn({12})
        cache.learn({13})
        cache.learn({14})
    assert (cache.plan.reader_name, sorted(cache.plan.writers)) == ("trade v2", [4, 12])
    (line,) = [line for line in logs if "passed over" in line["event"]]
    assert (line["version"], line["schema_id"]) == (2, 12)
    assert "lacks feed" in line["reason"]


def test_a_version_that_is_no_trade_refuses_its_records_with_its_reason() -> None:
    """Neither a start nor a batch fails for it."""
    registry = FakeRegistry({4: V2, 5: '{"type": "record", "name": "Order", "fields": []}'})
    plan = a_cache(registry).plan
    assert sorted(plan.writers) == [4]
    assert plan.refused == {5: "schema id 5 declares Order, not marketdata.Trade"}


def test_what_a_reader_leaves_out_is_named() -> None:
    """By writer, unless the reader is pinned, which leaves it out on purpose."""
    other = with_field("price_note", base=V1)
    registry = FakeRegistry({4: V2, 5: other})
    assert a_cache(registry).plan.left_out == {5: ("price_note",)}
    assert a_cache(registry, pinned=1).plan.left_out == {}


def test_a_deleted_version_is_still_decoded() -> None:
    """Its records remain; it is no reader any more."""
    plan = a_cache(FakeRegistry({4: V2, 9: V3}, deleted={9})).plan
    assert sorted(plan.writers) == [4, 9]
    assert plan.reader == V2


def test_a_pinned_reader_stays() -> None:
    """READER_SCHEMA holds the columns still while new writer schemas are learnt."""
    registry = FakeRegistry({4: V2})
    cache = a_cache(registry, pinned=1)
    registry.texts[12] = V3
    assert cache.learn({12})
    assert (cache.plan.reader, sorted(cache.plan.writers)) == (V1, [4, 12])


def test_pinning_a_version_that_is_not_in_the_catalogue_is_an_error() -> None:
    """The error lists those that are."""
    with pytest.raises(ReaderSchemaUnknown, match=r"READER_SCHEMA=v99.*has v1, v2"):
        a_cache(FakeRegistry({4: V1, 9: V2}), pinned=99)


def test_an_id_of_another_subject_is_distinguished_from_an_unknown_one() -> None:
    """Either is asked for again, since it may become a version of the subject any time."""
    registry = FakeRegistry({4: V2}, others={7: "{}"})
    cache = a_cache(registry)
    assert cache.learn({7, 8})
    assert cache.plan.foreign == {7}
    assert not cache.learn({7, 8})
    registry.texts[8] = V3
    assert cache.learn({8})
    assert 8 in cache.plan.writers


def test_a_registry_that_comes_back_is_waited_for() -> None:
    """A fault that passes costs time, nothing else."""
    registry = FakeRegistry({4: V2})
    cache = a_cache(registry)
    registry.texts[12] = V3
    registry.down_for = 2
    assert cache.learn({12})


def test_a_registry_that_stays_away_stops_the_stream() -> None:
    """The error is the registry's own; no record is blamed for it."""
    registry = FakeRegistry({4: V2})
    cache = a_cache(registry)
    registry.down_for = 99
    with pytest.raises(RegistryUnavailable):
        cache.learn({12})


def test_each_id_has_a_confirmation_of_its_own() -> None:
    """A replica that is behind with one id is given time, however many others were confirmed."""
    registry = FakeRegistry({4: V2})
    clock = FakeClock(registry)
    cache = a_cache(registry, clock=clock)
    assert not cache.learn({100})
    confirmed_at = clock.now
    assert confirmed_at >= 1005
    registry.read_later = {12: V3}
    assert cache.learn({12})
    assert 12 in cache.plan.writers
    asked_from = clock.now
    assert not cache.learn({100}), "its own confirmation holds for a while"
    assert clock.now == asked_from


def test_an_id_of_another_subject_may_become_one_of_ours() -> None:
    """The same schema may be registered under a second subject, with the same id."""
    registry = FakeRegistry({4: V2}, others={7: V3})
    cache = a_cache(registry)
    cache.learn({7})
    registry.texts[7] = V3
    assert cache.learn({7})
    assert 7 in cache.plan.writers
    assert cache.plan.foreign == frozenset()


def test_what_was_learnt_is_not_forgotten() -> None:
    """A registry that has read half of its storage does not take known versions away."""
    registry = FakeRegistry({4: V2, 9: V3})
    cache = a_cache(registry)
    registry.texts = {4: V2}
    cache.learn({55})
    assert sorted(cache.plan.writers) == [4, 9]
    assert cache.plan.reader == V3


def test_a_subject_that_is_gone_for_a_moment_is_waited_for() -> None:
    """It was there before, so its absence is the registry's fault."""
    registry = FakeRegistry({4: V2})
    cache = a_cache(registry)
    registry.texts[12] = V3
    registry.subject_gone_for = 1
    assert cache.learn({12})
