"""The platform's producer without HTTP: reads, checks, publishes and commits pages."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.data.pages import Answer
from benchmarks.producers.work import EXCHANGE, Producing, Work
from producer.ingest.page_fetcher import PageFetcher
from producer.kafka.producer_topics import ProducerTopics
from producer.kraken.rest.parse import parse_trades_page
from producer.model.cursor_scope import LIVE
from producer.model.page import TradesPage
from producer.model.page_update import PageUpdate
from producer.model.pair import Pair
from producer.settings import ProducerSettings, Settings
from runtime.clock import utc_now
from runtime.settings import KafkaSettings, RegistrySettings

__all__ = ["prepare"]


@dataclass
class ReadyAnswers:
    """A Kraken whose next answer has already been received. A `TradesSource`."""

    bodies: dict[str, bytes] = field(default_factory=dict)

    def turn(self, answers: Sequence[Answer]) -> None:
        """Set the next answers."""
        self.bodies = {answer.pair.symbol: answer.body for answer in answers}

    def trades(self, pair: Pair, since: str | None) -> TradesPage:  # noqa: ARG002  the answer is ready
        """Read the answer, as the client does."""
        return parse_trades_page(
            self.bodies[pair.symbol], pair=pair, exchange=EXCHANGE, ingested_at=utc_now()
        )


def prepare(work: Work) -> Producing:
    """Return a publisher that has initialised its transactional id, like that of a backfill."""
    settings = Settings(
        producer=ProducerSettings(exchange=EXCHANGE),
        kafka=KafkaSettings(bootstrap_servers=work.bootstrap_servers, topic=work.topic),
        registry=RegistrySettings(url=work.registry_url),
    )
    written: list[int] = []

    def note(publication: PageUpdate) -> None:
        written.append(len(publication.trades))

    kraken = ReadyAnswers()
    pager = PageFetcher(kraken, ProducerTopics(settings).publisher(work.topic, LIVE, note))

    def produce() -> int:
        for turn in work.turns:
            kraken.turn(turn)
            pager.publish_together({answer.pair: pager.fetch(answer.pair) for answer in turn})
        return sum(written)

    return produce
