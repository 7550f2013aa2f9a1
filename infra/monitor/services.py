"""The services that the pipeline needs, each asked once for what it is needed for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from producer.cli.inquiries import parked_pairs
from producer.errors import ProducerError
from producer.kraken.pairs import KrakenPair
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


@dataclass(frozen=True)
class Finding:
    """What one service answered.

    Attributes:
        service: its name.
        is_ready: whether the pipeline can work with it.
        told: the answer in a sentence.
    """

    service: str
    is_ready: bool
    told: str

    def __str__(self) -> str:
        return f"{'ready  ' if self.is_ready else 'MISSING'}  {self.service}: {self.told}"


def ask_all(
    kafka: KafkaSettings, registry: RegistrySettings, producer: ProducerSettings
) -> Iterator[Finding]:
    """Ask broker, registry and Kraken, in this order; one that fails does not stop the rest.

    Last comes which pairs cannot be recorded, where there is a broker to ask. That is no reason not
    to run: the others are recorded.
    """
    broker = _ask("broker", lambda: _broker(kafka))
    yield broker
    yield _ask("contract", lambda: _contract(kafka, registry))
    yield _ask("Kraken", lambda: _kraken(producer))
    if broker.is_ready:
        yield _ask("pairs", lambda: _pairs(Settings(producer, kafka, registry)))


def _ask(service: str, question: Callable[[], str]) -> Finding:
    try:
        return Finding(service, is_ready=True, told=question())
    except (SchemasError, BrokerError, VenueError, ProducerError) as error:
        return Finding(service, is_ready=False, told=str(error))


def _broker(settings: KafkaSettings) -> str:
    """The topic is there: without it the stream has nothing to start from."""
    topic = read_topic_state(settings)
    records = sum(topic.latest.values()) - sum(topic.earliest.values())
    return f"topic {settings.topic} in {len(topic.latest)} partitions holds {records} offsets"


def _contract(kafka: KafkaSettings, settings: RegistrySettings) -> str:
    """What the catalogue declares is what the registry holds."""
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
    """Kraken answers, and knows one of the pairs at least."""
    client_settings = KrakenClientSettings(
        api_url=settings.kraken_api_url, exchange=settings.exchange, attempts=3
    )
    with KrakenClient(client_settings) as kraken:
        found = kraken.find_pairs(settings.pairs)
        known = [one.symbol for one in found if isinstance(one, KrakenPair)]
        unknown = [str(one) for one in found if isinstance(one, UnknownPair)]
        if not known:
            raise UnknownPair("; ".join(unknown))
        return "; ".join([f"{kraken.system_status()}, knows {', '.join(known)}", *unknown])


def _pairs(settings: Settings) -> str:
    """Which pairs the producer has parked."""
    parked = parked_pairs(settings)
    return "; ".join(f"WARNING: {state}" for state in parked) or "none is parked"
