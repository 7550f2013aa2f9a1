"""The broker that the tests run on, in a container or not."""

import re

from confluent_kafka.admin import AdminClient

from infra.embedded import EmbeddedStack


def test_the_cluster_id_is_one_word(stack: EmbeddedStack) -> None:
    """Commits name it; a log line of Kafka's must not become a part of it."""
    admin = AdminClient({"bootstrap.servers": stack.bootstrap_servers})
    assert re.fullmatch(r"[\w-]{22}", str(admin.list_topics(timeout=30).cluster_id))
