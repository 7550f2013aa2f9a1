"""The producer's settings, read once from the environment and `.env`."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator

from producer.errors import SettingsUnusable
from producer.model.gaps.gap_schedule import CONFIRMATION_SECONDS
from producer.model.pair_rules import PairRules
from producer.model.starting_point import first_since
from runtime.environment import EnvironmentSettings
from runtime.logs import LogFormat, LogLevel
from runtime.metrics import MetricsSettings
from runtime.settings import IN_ANY_CASE, KafkaSettings, RegistrySettings
from schemas.avro.wire import SchemaIdFraming

__all__ = ["ProducerSettings", "Settings", "listed"]

KrakenFeedName = Literal["rest", "websocket"]


class ProducerSettings(EnvironmentSettings):
    """The producer's own settings; the broker's and the registry's are in `runtime.settings`.

    Attributes:
        kraken_api_url: KRAKEN_API_URL, where Kraken's REST API is.
        kraken_pair: KRAKEN_PAIR, pairs and rules with commas: `BTC/USD, XBTUSDT`, `*`, `*/USD`,
            `BTC/*`; what begins with `-` is left out of what the rules bring: `*, -*/EUR`.
        pairs_refresh_seconds: PAIRS_REFRESH_SECONDS, how often Kraken is asked which pairs it
            lists, if there are rules. A new listing is recorded from its first trade however late
            it is seen.
        kraken_feed: KRAKEN_FEED, `rest` asks for trades, `websocket` is sent them as they happen
            and asks only for what is missing.
        kraken_websocket_url: KRAKEN_WEBSOCKET_URL, where Kraken's WebSocket v2 is.
        feed_batch_seconds: FEED_BATCH_SECONDS, how long the feed's trades are gathered for one
            transaction. A shorter time costs CPU, a longer one latency: half of it on average.
        feed_batch_trades: FEED_BATCH_TRADES, the most of the feed's trades in one transaction.
        poll_interval_seconds: POLL_INTERVAL_SECONDS, from one call to the next for a pair that
            had nothing more. After a page of older trades the next call follows at once.
        kraken_call_interval_seconds: KRAKEN_CALL_INTERVAL_SECONDS, the least time between two
            calls for one pair. Kraken accepts one a second; more often it starts to refuse.
        gap_confirmation_seconds: GAP_CONFIRMATION_SECONDS, over how long Kraken is asked for
            missing trade ids before they count as a hole. Below 900 only for tests: Kraken's back
            ends may differ for minutes, and so long its answers may be cached. Confirmed holes
            are asked for again after 4 and 96 times as long, an hour and a day by default.
        exchange: EXCHANGE, recorded with every trade.
        symbol: SYMBOL, labels to record instead of the canonical symbols, one per pair that is
            named in full and in their order, `BTC_USD` or `BTC/USD`. Empty: the canonical symbols.
        start_from: START_FROM, where a pair without a cursor starts: `now` (its newest page),
            `beginning`, or a time with its zone, `2026-01-30T18:00:00Z`.
        transactional_id: TRANSACTIONAL_ID. Of all producers that share it, the last one started
            works and the others stop. The same holds for producers of one pair that do not share
            it.
        schema_id_framing: SCHEMA_ID_FRAMING, where a trade names its schema: `prefix`, an id before
            its bytes, which every consumer reads; `header`, a GUID in the Kafka header
            `__value_schema_id`, which Confluent's clients of 2025 and later read. Cursors have
            the prefix.
        kafka_topic_partitions: KAFKA_TOPIC_PARTITIONS, for a trades topic that does not exist yet.
            It bounds how many pairs are read in parallel.
        kafka_topic_replication_factor: KAFKA_TOPIC_REPLICATION_FACTOR, for topics that do not
            exist yet.
        kafka_topic_retention_hours: KAFKA_TOPIC_RETENTION_HOURS, how long a trades topic that does
            not exist yet will keep a trade. The lake keeps trades permanently; this is how long
            its reader may be down.
        kafka_timeout_seconds: KAFKA_TIMEOUT_SECONDS, how long Kafka may give no answer before
            the producer ends with an error.
        kafka_transaction_timeout_seconds: KAFKA_TRANSACTION_TIMEOUT_SECONDS, after which Kafka
            aborts the transaction of a killed producer, up to 10 s later. Until then no consumer
            reads what was committed after it. A transaction that lasts longer, because Kafka was
            down, is written again.
        heartbeat_file: HEARTBEAT_FILE, touched after each answer that was processed, for a health
            check. Empty: none.
        log_format: LOG_FORMAT.
        log_level: LOG_LEVEL.
    """

    kraken_api_url: str = "https://api.kraken.com"
    kraken_pair: str = "BTC/USD"
    pairs_refresh_seconds: Annotated[float, Field(gt=0)] = 300.0
    kraken_feed: Annotated[KrakenFeedName, IN_ANY_CASE] = "rest"
    kraken_websocket_url: str = "wss://ws.kraken.com/v2"
    feed_batch_seconds: Annotated[float, Field(gt=0)] = 0.05
    feed_batch_trades: Annotated[int, Field(ge=1)] = 2000
    poll_interval_seconds: Annotated[float, Field(ge=0)] = 1.0
    kraken_call_interval_seconds: Annotated[float, Field(ge=0)] = 1.0
    gap_confirmation_seconds: Annotated[float, Field(gt=0)] = CONFIRMATION_SECONDS
    exchange: Annotated[str, Field(min_length=1)] = "KRAKEN"
    symbol: str = ""
    start_from: str = "now"
    transactional_id: str = ""
    schema_id_framing: Annotated[SchemaIdFraming, IN_ANY_CASE] = "prefix"
    kafka_topic_partitions: Annotated[int, Field(ge=1)] = 4
    kafka_topic_replication_factor: Annotated[int, Field(ge=1)] = 1
    kafka_topic_retention_hours: Annotated[int, Field(ge=1)] = 7 * 24
    kafka_timeout_seconds: Annotated[float, Field(gt=0)] = 60.0
    kafka_transaction_timeout_seconds: Annotated[float, Field(ge=1)] = 20.0
    heartbeat_file: Path | None = None
    log_format: Annotated[LogFormat, IN_ANY_CASE] = "console"
    log_level: Annotated[LogLevel, IN_ANY_CASE] = "info"

    @field_validator("kraken_pair")
    @classmethod
    def _names_a_pair(cls, value: str) -> str:
        if not listed(value):
            raise ValueError("names no pair; write one as BTC/USD, several with commas")
        PairRules.read(listed(value))
        return value

    @field_validator("kraken_api_url")
    @classmethod
    def _is_an_http_address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("is no http:// or https:// address")
        return value.rstrip("/")

    @field_validator("kraken_websocket_url")
    @classmethod
    def _is_a_websocket_address(cls, value: str) -> str:
        if not value.startswith(("ws://", "wss://")):
            raise ValueError("is no ws:// or wss:// address")
        return value

    @field_validator("kraken_api_url", "kraken_websocket_url")
    @classmethod
    def _holds_no_password(cls, value: str) -> str:
        if "@" in value:
            raise ValueError("must not hold credentials: log lines and messages show it")
        return value

    @field_validator("start_from")
    @classmethod
    def _is_a_starting_point(cls, value: str) -> str:
        first_since(value)
        return value

    @property
    def rules(self) -> PairRules:
        """The requested pairs: those named in full, and the rules for others."""
        return PairRules.read(listed(self.kraken_pair))

    @property
    def pairs(self) -> tuple[str, ...]:
        """The pairs that are named in full, in order."""
        return self.rules.names

    def of_pairs(self, names: str) -> Self:
        """Return the same settings for other pairs, named as in KRAKEN_PAIR, without labels.

        Raises:
            SettingsUnusable: They are named wrongly.
        """
        try:
            PairRules.read(listed(names))
        except ValueError as error:
            raise SettingsUnusable(f"--pair {error}") from error
        return self.model_copy(update={"kraken_pair": names, "symbol": ""})

    @property
    def symbols(self) -> tuple[str, ...]:
        """The requested labels, in the order of the pairs; none means the canonical symbols."""
        return tuple(label.replace("_", "/") for label in listed(self.symbol))

    def transactional_id_for(self, topic: str) -> str:
        """Return the transactional id, by default one per topic of trades."""
        return self.transactional_id or f"{topic}.producer"

    def backfill_id_for(self, topic: str) -> str:
        """Return the transactional id of backfills: one runs at a time beside a live producer."""
        return f"{self.transactional_id or topic}.backfill"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of the program, read once when it starts."""

    producer: ProducerSettings
    kafka: KafkaSettings
    registry: RegistrySettings
    metrics: MetricsSettings = field(default_factory=MetricsSettings.off)

    @classmethod
    def read(cls) -> Self:
        """Read the environment and `.env`.

        Raises:
            ValidationError: A variable has an unusable value.
        """
        return cls(ProducerSettings(), KafkaSettings(), RegistrySettings(), MetricsSettings())


def listed(text: str) -> tuple[str, ...]:
    """Split a list at its commas; blanks around the parts and empty parts are left out."""
    return tuple(part for part in (piece.strip() for piece in text.split(",")) if part)
