from pathlib import Path

import pytest
from pydantic import ValidationError

from producer.settings import ProducerSettings, Settings
from runtime.settings import validation_message


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the developer's variables nor their .env count."""
    monkeypatch.chdir(tmp_path)
    for name in ProducerSettings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def test_defaults_record_bitcoin_from_kraken() -> None:
    """Without any setting the producer does something sensible."""
    settings = ProducerSettings()
    assert settings.pairs == ("BTC/USD",)
    assert settings.symbols == ()
    assert settings.kraken_api_url == "https://api.kraken.com"
    assert settings.exchange == "KRAKEN"
    assert settings.transactional_id_for("kraken.trades") == "kraken.trades.producer"


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each variable has the name of its field, in capitals."""
    values = {
        "KRAKEN_API_URL": "http://127.0.0.1:8090/",
        "KRAKEN_PAIR": "BTC/USD, XBTUSDT ,",
        "PAIRS_REFRESH_SECONDS": "60",
        "KRAKEN_FEED": "WebSocket",
        "KRAKEN_WEBSOCKET_URL": "ws://127.0.0.1:8090/v2",
        "FEED_BATCH_SECONDS": "0.1",
        "FEED_BATCH_TRADES": "10",
        "POLL_INTERVAL_SECONDS": "2.5",
        "KRAKEN_CALL_INTERVAL_SECONDS": "0",
        "GAP_CONFIRMATION_SECONDS": "1800",
        "EXCHANGE": "OTHER",
        "SYMBOL": "A_B,C/D",
        "START_FROM": "beginning",
        "TRANSACTIONAL_ID": "mine",
        "SCHEMA_ID_FRAMING": "header",
        "KAFKA_TOPIC_PARTITIONS": "8",
        "KAFKA_TOPIC_REPLICATION_FACTOR": "3",
        "KAFKA_TOPIC_RETENTION_HOURS": "1",
        "KAFKA_TIMEOUT_SECONDS": "5",
        "KAFKA_TRANSACTION_TIMEOUT_SECONDS": "7",
        "HEARTBEAT_FILE": "alive",
        "LOG_FORMAT": "JSON",
        "LOG_LEVEL": "DEBUG",
    }
    assert {name.lower() for name in values} == set(ProducerSettings.model_fields)
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    settings = ProducerSettings()
    assert settings.kraken_api_url == "http://127.0.0.1:8090"
    assert (settings.kraken_feed, settings.feed_batch_trades) == ("websocket", 10)
    assert settings.pairs == ("BTC/USD", "XBTUSDT")
    assert settings.symbols == ("A/B", "C/D")
    assert settings.transactional_id_for("any") == "mine"
    assert (settings.log_format, settings.log_level) == ("json", "debug")


def test_settings_come_from_a_file(tmp_path: Path) -> None:
    """`.env` in the working directory counts as well."""
    (tmp_path / ".env").write_text("EXCHANGE=FROM_FILE\nKAFKA_TOPIC=elsewhere\n")
    settings = Settings.read()
    assert settings.producer.exchange == "FROM_FILE"
    assert settings.kafka.topics.cursors == "elsewhere.cursors"


def test_an_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of .env that is left blank does no harm."""
    monkeypatch.setenv("EXCHANGE", "")
    assert ProducerSettings().exchange == "KRAKEN"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KRAKEN_PAIR", ","),
        ("KRAKEN_PAIR", "*USD"),
        ("KRAKEN_PAIR", "-BTC/USD"),
        ("PAIRS_REFRESH_SECONDS", "0"),
        ("KRAKEN_API_URL", "api.kraken.com"),
        ("KRAKEN_FEED", "carrier pigeon"),
        ("KRAKEN_WEBSOCKET_URL", "https://ws.kraken.com/v2"),
        ("FEED_BATCH_SECONDS", "0"),
        ("FEED_BATCH_TRADES", "0"),
        ("POLL_INTERVAL_SECONDS", "-1"),
        ("POLL_INTERVAL_SECONDS", "soon"),
        ("KAFKA_TOPIC_PARTITIONS", "0"),
        ("KAFKA_TIMEOUT_SECONDS", "0"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_a_value_of_no_use_is_reported(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """The error names the variable."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.lower()):
        ProducerSettings()


def test_settings_cannot_be_changed() -> None:
    """They are read once and handed down."""
    with pytest.raises(ValidationError, match="frozen"):
        ProducerSettings().exchange = "OTHER"  # type: ignore[misc]  # that is the point


@pytest.mark.parametrize(("own", "expected"), [("", "t.backfill"), ("mine", "mine.backfill")])
def test_backfills_have_a_transactional_id_of_their_own(own: str, expected: str) -> None:
    """So that none fences live recording."""
    settings = ProducerSettings(transactional_id=own)
    assert settings.backfill_id_for("t") == expected
    assert settings.transactional_id_for("t") != expected


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("kraken_api_url", "https://user:hunter2@mirror"),
        ("kraken_websocket_url", "wss://user:hunter2@mirror/v2"),
    ],
)
def test_an_address_holds_no_password(name: str, url: str) -> None:
    """Log lines and messages contain it, this message as well."""
    with pytest.raises(ValidationError) as refused:
        ProducerSettings.model_validate({name: url})
    assert "must not hold credentials" in validation_message(refused.value)
    assert "hunter2" not in validation_message(refused.value)
