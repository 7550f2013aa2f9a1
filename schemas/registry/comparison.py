"""Asks a registry and Kafka for what `schemas.registry.difference` compares."""

from runtime.settings import KafkaSettings
from schemas.catalogue import Catalogue, Contract
from schemas.registry.client import Registry
from schemas.registry.difference import Row, difference
from schemas.registry.subject_state import associated_subject, held_versions
from schemas.registry.topic_usage import Usage, read_usage

__all__ = ["compare"]


def compare(
    catalogue: Catalogue, registry: Registry, kafka: KafkaSettings, last: int | None
) -> list[Row]:
    """Compare every subject.

    Args:
        catalogue: The declared schemas.
        registry: The registry to compare with.
        kafka: The cluster with the topics.
        last: How many records of each partition to read; None to leave Kafka out.

    Raises:
        RegistryError: The registry cannot be asked.
        KafkaUnreachable: Kafka cannot be asked.
    """
    rows: list[Row] = []
    for topic, contract in catalogue.topics(kafka.topic).items():
        usage = None if last is None else read_usage(kafka, topic, last)
        rows += _compare(topic, contract, registry, usage)
    return rows


def _compare(topic: str, contract: Contract, registry: Registry, usage: Usage | None) -> list[Row]:
    subject = associated_subject(registry, topic, contract.subject(topic))
    named = [name for name in usage or () if isinstance(name, str) and name.startswith("guid ")]
    texts = {name: registry.guid_text(name.removeprefix("guid ")) for name in named}
    known = {name: text for name, text in texts.items() if text is not None}
    return difference(subject, contract, held_versions(registry, subject), usage, known)
