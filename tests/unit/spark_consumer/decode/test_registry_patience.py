from spark_consumer.decode.registry_patience import few_of


def test_of_many_subjects_a_few_are_named() -> None:
    """A record's reason does not grow with the registry."""
    assert few_of(["a"]) == "a"
    assert few_of(["a", "b", "c"]) == "a, b, c"
    assert few_of([f"s{one}" for one in range(500)]) == "s0, s1, s2 and 497 more"
