from pathlib import Path

import pytest
from pydantic import ValidationError

from runtime.settings import KafkaSettings, RegistrySettings, validation_message

HIDDEN = "s3cret"


def test_kafka_defaults_lead_to_a_plain_local_broker() -> None:
    """With nothing set, clients connect to a broker on this machine, without login."""
    assert KafkaSettings().client_config() == {
        "bootstrap.servers": "localhost:9092",
        "security.protocol": "PLAINTEXT",
    }


def test_kafka_settings_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Every KAFKA_ variable reaches the client's configuration."""
    certificate = tmp_path / "ca.pem"
    certificate.touch()
    for name, value in {
        "BOOTSTRAP_SERVERS": "broker:1",
        "TOPIC": "other",
        "SECURITY_PROTOCOL": "SASL_SSL",
        "SASL_MECHANISM": "SCRAM-SHA-512",
        "SASL_USERNAME": "me",
        "SASL_PASSWORD": HIDDEN,
        "SSL_CA_LOCATION": str(certificate),
    }.items():
        monkeypatch.setenv(f"KAFKA_{name}", value)
    settings = KafkaSettings()
    assert settings.topics.cursors == "other.cursors"
    assert settings.client_config() == {
        "bootstrap.servers": "broker:1",
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "me",
        "sasl.password": HIDDEN,
        "ssl.ca.location": str(certificate),
    }


def test_settings_come_from_a_dotenv_file() -> None:
    """A `.env` in the working folder is read, and an empty entry in it counts as none."""
    Path(".env").write_text("KAFKA_TOPIC=from-file\nKAFKA_SASL_USERNAME=\n", encoding="utf-8")
    settings = KafkaSettings()
    assert settings.topic == "from-file"
    assert settings.sasl_username is None


def test_registry_settings_reach_its_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """URL, login and the limits of waiting are what the client is configured with."""
    monkeypatch.setenv("SCHEMA_REGISTRY_URL", "https://registry/")
    monkeypatch.setenv("SCHEMA_REGISTRY_USERNAME", "me")
    monkeypatch.setenv("SCHEMA_REGISTRY_PASSWORD", "s3:cret")
    config = RegistrySettings().client_config()
    assert config["url"] == "https://registry"
    assert config["basic.auth.user.info"] == "me:s3:cret"
    assert config["timeout"] == 10.0


def test_secrets_are_never_shown() -> None:
    """Neither the text of the settings nor an error about them holds a password."""
    kafka = KafkaSettings(sasl_password=HIDDEN)
    registry = RegistrySettings(username="me", password=HIDDEN)
    assert HIDDEN not in f"{kafka!r} {registry!r}"
    with pytest.raises(ValidationError) as raised:
        RegistrySettings(password=HIDDEN)
    assert HIDDEN not in f"{raised.value}"


@pytest.mark.parametrize("name", ["a", "A.b_c-9", "...", "a" * 249])
def test_every_name_that_kafka_takes_is_one_of_ours(name: str) -> None:
    """The rule is Kafka's own, and no narrower."""
    assert KafkaSettings(topic=name).topic == name


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}, "SASL_SSL needs KAFKA_SASL_MECHANISM"),
        ({"KAFKA_SECURITY_PROTOCOL": "TLS"}, "KAFKA_SECURITY_PROTOCOL: "),
        ({"KAFKA_SSL_CA_LOCATION": "/no/such"}, "KAFKA_SSL_CA_LOCATION: "),
        ({"KAFKA_TOPIC": "a,b"}, "KAFKA_TOPIC: 'a,b' is not a topic name: Kafka allows 1 to 249"),
        ({"KAFKA_TOPIC": "a b"}, "KAFKA_TOPIC: 'a b' is not a topic name"),
        ({"KAFKA_TOPIC": "über"}, "KAFKA_TOPIC: 'über' is not a topic name"),
        ({"KAFKA_TOPIC": "a\n"}, "KAFKA_TOPIC: 'a\\n' is not a topic name"),
        ({"KAFKA_TOPIC": "."}, "KAFKA_TOPIC: '.' is not a topic name"),
        ({"KAFKA_TOPIC": ".."}, "KAFKA_TOPIC: '..' is not a topic name"),
        ({"KAFKA_TOPIC": "a" * 250}, "is not a topic name"),
        ({"SCHEMA_REGISTRY_URL": "registry:8081"}, "SCHEMA_REGISTRY_URL: is no http"),
        ({"SCHEMA_REGISTRY_URL": "http://me:s3cret@x"}, "SCHEMA_REGISTRY_URL: must not hold"),
        ({"SCHEMA_REGISTRY_USERNAME": "me"}, "SCHEMA_REGISTRY_PASSWORD go together"),
    ],
)
def test_a_wrong_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], sentence: str
) -> None:
    """What is wrong is one line that names the variable and not its value."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as raised:
        (KafkaSettings(), RegistrySettings())
    line = validation_message(raised.value)
    assert sentence in line
    assert "\n" not in line
    assert HIDDEN not in line
