"""When the pages connect to Kafka, and how often."""

from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from confluent_kafka import KafkaError, KafkaException

from console.app import build_site
from lake.layout import LakeLayout
from runtime.settings import KafkaSettings, RegistrySettings
from tests.unit.futures import done


class _Broker:
    """A broker that is down for the first question; notes the clients that are made."""

    made: ClassVar[list["_Broker"]] = []

    def __init__(self, _: dict[str, Any]) -> None:
        self.made.append(self)

    def list_topics(self, **_: float) -> SimpleNamespace:
        return SimpleNamespace(cluster_id="cluster")

    def describe_topics(self, _: object, **__: float) -> dict[str, Any]:
        topic = SimpleNamespace(topic_id="id", partitions=[SimpleNamespace(id=0)])
        down = KafkaException(KafkaError(KafkaError._TIMED_OUT))
        is_first = self is self.made[0] and not hasattr(self, "asked")
        self.asked = True
        return {"kraken.trades": done(down if is_first else topic)}

    def list_offsets(self, wanted: dict[Any, Any], **_: Any) -> Any:
        return {at: done(SimpleNamespace(offset=7)) for at in wanted}


def test_kafka_is_asked_by_one_client_that_the_first_question_makes(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing connects before a page needs it; a broker that was down at first answers later."""
    monkeypatch.setattr(_Broker, "made", [])
    monkeypatch.setattr("runtime.topic_state.AdminClient", _Broker)
    site = build_site(layout, KafkaSettings(), RegistrySettings())
    assert _Broker.made == []
    assert "no answer from Kafka" in site.broker.renewed(10).fault
    for _ in range(2):
        answer = site.broker.renewed(10)
        assert answer.fault == ""
        assert answer.value is not None
        assert answer.value.state.latest == {0: 7}
    assert len(_Broker.made) == 1
