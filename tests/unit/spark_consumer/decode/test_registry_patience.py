from uuid import UUID

from spark_consumer.decode.registry_patience import asked_about, few_of


def test_of_many_subjects_a_few_are_named() -> None:
    """A record's reason does not grow with the registry."""
    assert few_of(["a"]) == "a"
    assert few_of(["a", "b", "c"]) == "a, b, c"
    assert few_of([f"s{one}" for one in range(500)]) == "s0, s1, s2 and 497 more"


def test_of_many_names_some_are_asked_about() -> None:
    """GUIDs before ids; all, if they are few."""
    guid = UUID(int=7)
    assert asked_about({3, guid, 1}) == [guid, 1, 3]
    asked = asked_about({*range(100_000), guid})
    assert len(asked) == 200
    assert asked[0] == guid
