"""Where the broker and the registry are, and how to log in, read once from env and `.env`."""

import re
from typing import Final, Literal, Self

from pydantic import (
    BeforeValidator,
    FilePath,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.topics import TopicNames

ClientConfig = dict[str, str | int | bool]

# An empty variable counts as none. Inputs stay out of messages: they may be passwords.
_READ_FROM = SettingsConfigDict(
    env_file=".env",
    env_ignore_empty=True,
    extra="ignore",
    frozen=True,
    hide_input_in_errors=True,
)

_TOPIC_NAME: Final = re.compile(r"[a-zA-Z0-9._-]{1,249}")
"""What Kafka takes as a topic's name (org.apache.kafka.common.internals.Topic), but for . and .."""

IN_ANY_CASE: Final = BeforeValidator(
    lambda value: value.lower() if isinstance(value, str) else value
)
"""Of a setting whose values are written in small letters: INFO is info."""


class KafkaSettings(BaseSettings):
    """The broker. Variables: KAFKA_BOOTSTRAP_SERVERS, KAFKA_TOPIC and so on."""

    model_config = SettingsConfigDict(env_prefix="KAFKA_", **_READ_FROM)

    bootstrap_servers: str = "localhost:9092"
    topic: str = "kraken.trades"
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None
    ssl_ca_location: FilePath | None = None

    @field_validator("topic")
    @classmethod
    def _kafka_takes_the_name(cls, topic: str) -> str:
        if not _TOPIC_NAME.fullmatch(topic) or topic in (".", ".."):
            raise ValueError(
                f"{topic!r} is no name of a topic: Kafka takes 1 to 249 letters, digits, dots, "
                "underscores and hyphens, and neither . nor .. alone; it is one topic, not a list"
            )
        return topic

    @model_validator(mode="after")
    def _credentials_are_whole(self) -> Self:
        given = (self.sasl_mechanism, self.sasl_username, self.sasl_password)
        if self.security_protocol.startswith("SASL") and None in given:
            raise ValueError(
                f"{self.security_protocol} needs KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME "
                "and KAFKA_SASL_PASSWORD"
            )
        return self

    @property
    def topics(self) -> TopicNames:
        """The names of all topics, after KAFKA_TOPIC."""
        return TopicNames(trades=self.topic)

    def client_config(self) -> ClientConfig:
        """What every confluent-kafka client needs to connect; it holds the password in clear."""
        config: ClientConfig = {
            "bootstrap.servers": self.bootstrap_servers,
            "security.protocol": self.security_protocol,
        }
        if self.security_protocol.startswith("SASL"):
            config["sasl.mechanism"] = self.sasl_mechanism or ""
            config["sasl.username"] = self.sasl_username or ""
            config["sasl.password"] = _revealed(self.sasl_password)
        if self.ssl_ca_location is not None:
            config["ssl.ca.location"] = str(self.ssl_ca_location)
        return config


class RegistrySettings(BaseSettings):
    """The schema registry. Variables: SCHEMA_REGISTRY_URL and so on."""

    model_config = SettingsConfigDict(env_prefix="SCHEMA_REGISTRY_", **_READ_FROM)

    url: str = "http://localhost:8081"
    username: str | None = None
    password: SecretStr | None = None
    ca_location: FilePath | None = None
    # The client itself waits for ever unless told otherwise.
    timeout_seconds: float = 10.0

    @field_validator("url")
    @classmethod
    def _url_is_plain(cls, url: str) -> str:
        if not url.startswith(("http://", "https://", "mock://")):
            raise ValueError("is no http:// or https:// address")
        if "@" in url:
            # It would stand in every log line and error message.
            raise ValueError(
                "must not hold credentials; set SCHEMA_REGISTRY_USERNAME and _PASSWORD instead"
            )
        return url.rstrip("/")

    @model_validator(mode="after")
    def _credentials_are_whole(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError(
                "SCHEMA_REGISTRY_USERNAME and SCHEMA_REGISTRY_PASSWORD go together, one is missing"
            )
        return self

    def client_config(self) -> dict[str, str | float]:
        """What SchemaRegistryClient needs; it holds the password in clear.

        A failed call is repeated three times within about two seconds: enough for a hiccup.
        Whoever can wait longer repeats the call on RegistryUnavailable.
        """
        config: dict[str, str | float] = {
            "url": self.url,
            "timeout": self.timeout_seconds,
            "max.retries": 3,
            "retries.wait.ms": 200,
            "retries.max.wait.ms": 1000,
        }
        if self.username is not None:
            config["basic.auth.user.info"] = f"{self.username}:{_revealed(self.password)}"
        if self.ca_location is not None:
            config["ssl.ca.location"] = str(self.ca_location)
        return config


def told(error: ValidationError) -> str:
    """What is wrong with which variables, in one line, without their values."""
    prefix = {"KafkaSettings": "KAFKA_", "RegistrySettings": "SCHEMA_REGISTRY_"}.get(
        error.title, ""
    )
    lines = []
    for fault in error.errors(include_url=False, include_input=False):
        name = "_".join(str(part) for part in fault["loc"]).upper()
        lines.append(f"{prefix}{name}: {fault['msg']}" if name else fault["msg"])
    return "; ".join(line.replace("Value error, ", "") for line in lines)


def _revealed(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value()
