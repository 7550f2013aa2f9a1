import pytest
from structlog.testing import capture_logs

from spark_consumer.errors import SchemaIdReused
from tests.unit.spark_consumer.fake_registry import V1, V2, FakeClock, FakeRegistry, a_cache


def test_a_registry_that_was_made_anew_is_learnt_from() -> None:
    """The same schemas under other ids: the new ids are ours, the old ones stay."""
    registry = FakeRegistry({4: V1, 9: V2})
    cache = a_cache(registry)
    registry.texts = {31: V1, 32: V2}
    assert cache.learn({32})
    assert sorted(cache.plan.writers) == [4, 9, 31, 32]
    assert cache.plan.foreign == frozenset()


def test_a_known_id_with_another_meaning_stops_the_stream() -> None:
    """Nothing would distinguish the records before from those after; the id is named."""
    registry = FakeRegistry({4: V1, 9: V2})
    cache = a_cache(registry)
    registry.texts = {9: V1, 31: V2}
    with pytest.raises(SchemaIdReused, match=r"schema id 9 meant kraken.trades-value version 2"):
        cache.learn({31})


def test_a_known_id_that_another_subject_has_now_keeps_its_meaning() -> None:
    """The topic's records that name it were written before."""
    registry = FakeRegistry({4: V1, 9: V2})
    cache = a_cache(registry)
    registry.texts, registry.others = {31: V2}, {9: "{}"}
    with capture_logs() as logs:
        assert cache.learn({31})
    assert cache.plan.writers[9] == V2
    assert [line["ids"] for line in logs if "left the registry" in line["event"]] == [[4, 9]]


def test_ids_are_held_against_the_registry_when_records_cannot_be_decoded() -> None:
    """Once a minute, and a registry that does not answer stops nothing."""
    registry = FakeRegistry({4: V1, 9: V2})
    clock = FakeClock(registry)
    cache = a_cache(registry, clock=clock)
    registry.texts = {4: V2, 9: V1}
    cache.recheck()
    clock.now += 61
    registry.down_for = 1
    cache.recheck()
    clock.now += 61
    with pytest.raises(SchemaIdReused, match="schema id 4"):
        cache.recheck()
