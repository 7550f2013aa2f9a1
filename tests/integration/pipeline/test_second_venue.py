"""An exchange that is not Kraken, from its page to a file of the lake."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from infra.embedded import EmbeddedStack
from lake.settings import LakeSettings
from producer.ingest.gap_filler import GapFiller
from producer.ingest.poller import Pace, Poller
from producer.ingest.retry_policy import RetryPolicy
from producer.kafka.producer_topics import ProducerTopics
from producer.kafka.publish_log import log_update
from producer.model.cursor_scope import LIVE
from producer.settings import ProducerSettings, Settings
from runtime.settings import KafkaSettings, RegistrySettings
from runtime.shutdown import StopRequest
from tests.integration.pipeline.conftest import listed
from tests.integration.spark_consumer.conftest import Pipeline
from tests.second_venue import EXCHANGE, Bourse, Share, line

ACME = Share("XS0001", "ACME/EUR")
FIRST_AT = datetime(2026, 1, 30, 18, 0, tzinfo=UTC)


def test_a_second_venue_goes_from_page_to_lake(
    stack: EmbeddedStack, topic: str, tmp_path: Path
) -> None:
    """Through poller, gap filler, publisher and stream, which know nothing of it."""
    kafka = KafkaSettings(bootstrap_servers=stack.bootstrap_servers, topic=topic)
    registry = RegistrySettings(url=stack.registry_url)
    venue = Bourse({ACME.key: [line(one, FIRST_AT + timedelta(seconds=one)) for one in (1, 2, 3)]})
    settings = Settings(ProducerSettings(exchange=EXCHANGE), kafka, registry)
    publisher = ProducerTopics(settings).publisher("bourse", LIVE, log_update, [ACME.symbol])
    with GapFiller(venue, publisher, [ACME]) as gaps:
        Poller(
            venue,
            publisher,
            [ACME],
            gaps,
            pace=Pace(0, 0),
            retries=RetryPolicy(1),
            stop=StopRequest(),
        ).catch_up()
    lake = LakeSettings(base_output_path=tmp_path / "data", exchange=EXCHANGE)
    Pipeline(kafka, registry, lake).land()
    rows = listed(tmp_path / "data" / EXCHANGE, "trade_id, price::VARCHAR, exchange, symbol")
    assert rows == [(one, f"{100 + one}.5000000000", EXCHANGE, "ACME_EUR") for one in (1, 2, 3)]
