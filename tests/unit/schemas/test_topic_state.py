import pytest

from schemas.errors import KafkaUnreachable
from schemas.settings import KafkaSettings
from schemas.topic_state import read_topic_state


def test_a_broker_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its address and what to look at."""
    monkeypatch.setattr("schemas.topic_state._ANSWER_WITHIN", 0.5)
    with pytest.raises(KafkaUnreachable, match=r"127\.0\.0\.1:1: .*KAFKA_BOOTSTRAP_SERVERS"):
        read_topic_state(KafkaSettings(bootstrap_servers="127.0.0.1:1"))
