"""Checks each service that the pipeline needs once, with a request that the pipeline depends on."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from producer.cli.inquiries import parked_pairs
from producer.cli.kraken_access import choose_now
from producer.errors import ProducerError
from producer.kraken.rest.client import KrakenClient
from producer.kraken.settings import KrakenClientSettings
from producer.model.venue_errors import UnknownPair, VenueError
from producer.settings import ProducerSettings, Settings
from runtime.errors import BrokerError
from runtime.settings import KafkaSettings, RegistrySettings
from runtime.topic_state import read_topic_state
from schemas.catalogue import load_catalogue
from schemas.errors import SchemasError
from schemas.registry.client import Registry
from schemas.registry.plan import SubjectPlan, plan_registration

__all__ = ["Finding", "ask_all"]

_MOST_NAMED: Final = 20


@dataclass(frozen=True)
class Finding:
    """What one service answered.

    Attributes:
        service: Its name.
        is_ready: Whether the pipeline can work with it.
        answer: What it answered, as a sentence.
    """

    service: str
    is_ready: bool
    answer: str

    def __str__(self) -> str:
        return f"{'ready  ' if self.is_ready else 'MISSING'}  {self.service}: {self.answer}"


def ask_all(
    kafka: KafkaSettings, registry: RegistrySettings, producer: ProducerSettings
) -> Iterator[Finding]:
    """Check broker, registry and Kraken, in this order; a failure does not stop the next check.

    If the broker answers, the last finding names the pairs that cannot be recorded. The stream may
    run all the same: the other pairs are recorded.
    """
    broker = _ask("broker", lambda: _broker(kafka))
    yield broker
    yield _ask("contract", lambda: _contract(kafka, registry))
    yield _ask("Kraken", lambda: _kraken(producer))
    if broker.is_ready:
        yield _ask("pairs", lambda: _pairs(Settings(producer, kafka, registry)))


def _ask(service: str, question: Callable[[], str]) -> Finding:
    try:
        return Finding(service, is_ready=True, answer=question())
    except (SchemasError, BrokerError, VenueError, ProducerError) as error:
        return Finding(service, is_ready=False, answer=str(error))


def _broker(settings: KafkaSettings) -> str:
    """Check that the topic exists: the stream cannot start without it."""
    topic = read_topic_state(settings)
    records = sum(topic.latest.values()) - sum(topic.earliest.values())
    return f"topic {settings.topic} in {len(topic.latest)} partitions holds {records} offsets"


def _contract(kafka: KafkaSettings, settings: RegistrySettings) -> str:
    """Check that the registry holds what the catalogue declares."""
    plans = plan_registration(load_catalogue(), kafka.topic, Registry(settings))
    wrong = [fault for plan in plans for fault in _gaps(plan)]
    if wrong:
        raise SchemasError("; ".join(wrong))
    return ", ".join(f"{plan.subject} v{plan.steps[-1].version.version}" for plan in plans)


def _gaps(plan: SubjectPlan) -> Iterator[str]:
    yield from map(str, plan.faults)
    for step in plan.steps:
        if step.held is None:
            yield f"{step.version} is not registered under {plan.subject}: make register-schemas"
    if plan.changes_mode:
        yield f"{plan.subject} is not held to {plan.mode}: make register-schemas"


def _kraken(settings: ProducerSettings) -> str:
    """Check that Kraken answers, and that the producer would find at least one pair to record."""
    client_settings = KrakenClientSettings(
        api_url=settings.kraken_api_url, exchange=settings.exchange, attempts=3
    )
    with KrakenClient(client_settings) as kraken:
        choice = choose_now(kraken, settings)
        known = [one.symbol for one in choice.pairs.values()]
        unknown = [str(one) for one in choice.unknown.values()]
        if not known:
            raise UnknownPair("; ".join(unknown))
        return "; ".join([f"{kraken.system_status()}, knows {_named(known)}", *unknown])


def _named(symbols: Sequence[str]) -> str:
    more = len(symbols) - _MOST_NAMED
    return ", ".join(symbols[:_MOST_NAMED]) + (f" and {more} more pairs" if more > 0 else "")


def _pairs(settings: Settings) -> str:
    """Return a list of the pairs that the producer has parked."""
    parked = parked_pairs(settings)
    return "; ".join(f"WARNING: {state}" for state in parked) or "none is parked"
