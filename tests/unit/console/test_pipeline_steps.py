import pytest

from console.services.broker import BrokerWatch
from console.web.pipeline_steps import Step, pipeline_verdict
from runtime.topic_state import TopicState


def steps(**states: str) -> list[Step]:
    """A pipeline whose steps are fine, but for those given."""
    names = ("Kraken", "Producer", "Kafka", "Spark")
    return [
        Step(name, "", states.get(name, "ok"), text=f"{name}'s text.", command=f"mend {name}")
        if name in states
        else Step(name, "", "ok")
        for name in names
    ]


@pytest.mark.parametrize(
    ("states", "said", "command"),
    [
        ({}, "Nothing is late.", ""),
        ({"Spark": "late"}, "Spark is late: Spark's text.", "mend Spark"),
        (
            {"Kraken": "unknown", "Kafka": "down", "Spark": "late"},
            "Kafka is down: Kafka's text. Also: Spark is late.",
            "mend Kafka",
        ),
        ({"Producer": "ok"}, "Nothing is late. Producer: Producer's text.", "mend Producer"),
    ],
)
def test_the_first_step_that_stands_still_is_named(
    states: dict[str, str], said: str, command: str
) -> None:
    """With its command; what comes after it waits for it."""
    found = pipeline_verdict(steps(**states))
    assert (found.text, found.command) == (said, command)


def test_what_is_not_known_is_not_called_fine() -> None:
    """A step that did not answer is named."""
    found = pipeline_verdict([Step("Kraken", "", "unknown"), Step("Kafka", "", "ok")])
    assert found.text == "Nothing is late, as far as known: not Kraken."


def test_the_broker_stands_still_for_as_long_as_no_offset_is_new(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A pair that is quiet for a few seconds is not late."""
    ends = iter([10, 10, 12, 12])
    clock = iter([100.0, 105.0, 110.0, 190.0])
    monkeypatch.setattr("console.services.broker.time.monotonic", lambda: next(clock))

    def read() -> TopicState:
        end = {0: next(ends)}
        return TopicState("c", "kraken.trades", "t", {0: 0}, end, end)

    watch = BrokerWatch(read)
    assert [watch().still for _ in range(4)] == [0.0, 5.0, 0.0, 80.0]
