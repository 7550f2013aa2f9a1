"""Addresses and logins of the broker and the registry, from the environment or `.env`."""

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
from pydantic_settings import SettingsConfigDict

from runtime.environment import EnvironmentSettings
from runtime.logins import ClientConfig, kafka_login, registry_token, revealed
from runtime.topics import TopicNames

__all__ = ["IN_ANY_CASE", "KafkaSettings", "RegistrySettings", "validation_message"]

_TOPIC_NAME: Final = re.compile(r"[a-zA-Z0-9._-]{1,249}")
"""The topic names that Kafka allows (org.apache.kafka.common.internals.Topic), except . and .."""

IN_ANY_CASE: Final = BeforeValidator(
    lambda value: value.lower() if isinstance(value, str) else value
)
"""For a setting whose values are in lower case: INFO is info."""


class KafkaSettings(EnvironmentSettings):
    """The broker. Variables: KAFKA_BOOTSTRAP_SERVERS, KAFKA_TOPIC and so on."""

    model_config = SettingsConfigDict(env_prefix="KAFKA_")

    bootstrap_servers: str = "localhost:9092"
    topic: str = "kraken.trades"
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] | None = None
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None
    # OAUTHBEARER: the URL that gives a token for a client's id and secret (client credentials).
    sasl_oauth_token_url: str | None = None
    sasl_oauth_client_id: str | None = None
    sasl_oauth_client_secret: SecretStr | None = None
    sasl_oauth_scope: str | None = None
    ssl_ca_location: FilePath | None = None
    # Mutual TLS: the certificate that this program presents to the broker.
    ssl_certificate_location: FilePath | None = None
    ssl_key_location: FilePath | None = None
    ssl_key_password: SecretStr | None = None

    @field_validator("topic")
    @classmethod
    def _kafka_takes_the_name(cls, topic: str) -> str:
        if not _TOPIC_NAME.fullmatch(topic) or topic in (".", ".."):
            raise ValueError(
                f"{topic!r} is not a topic name: Kafka allows 1 to 249 letters, digits, dots, "
                "underscores and hyphens, but not . or .. alone; name one topic, not a list"
            )
        return topic

    @model_validator(mode="after")
    def _credentials_are_whole(self) -> Self:
        if not self.security_protocol.startswith("SASL"):
            return self
        if self.sasl_mechanism == "OAUTHBEARER":
            token = (self.sasl_oauth_token_url, self.sasl_oauth_client_id)
            if None in token or self.sasl_oauth_client_secret is None:
                raise ValueError(
                    "OAUTHBEARER needs KAFKA_SASL_OAUTH_TOKEN_URL, KAFKA_SASL_OAUTH_CLIENT_ID "
                    "and KAFKA_SASL_OAUTH_CLIENT_SECRET"
                )
        elif None in (self.sasl_mechanism, self.sasl_username, self.sasl_password):
            raise ValueError(
                f"{self.security_protocol} needs KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME "
                "and KAFKA_SASL_PASSWORD"
            )
        return self

    @model_validator(mode="after")
    def _certificate_has_its_key(self) -> Self:
        if (self.ssl_certificate_location is None) != (self.ssl_key_location is None):
            raise ValueError(
                "KAFKA_SSL_CERTIFICATE_LOCATION and KAFKA_SSL_KEY_LOCATION go together, one is "
                "missing"
            )
        return self

    @property
    def topics(self) -> TopicNames:
        """The names of all topics, after KAFKA_TOPIC."""
        return TopicNames(trades=self.topic)

    def client_config(self) -> ClientConfig:
        """Return what confluent-kafka clients need to connect; it holds secrets in clear text."""
        config: ClientConfig = {
            "bootstrap.servers": self.bootstrap_servers,
            "security.protocol": self.security_protocol,
        }
        if self.security_protocol.startswith("SASL"):
            config |= kafka_login(self)
        if self.ssl_ca_location is not None:
            config["ssl.ca.location"] = str(self.ssl_ca_location)
        if self.ssl_certificate_location is not None:
            config["ssl.certificate.location"] = str(self.ssl_certificate_location)
            config["ssl.key.location"] = str(self.ssl_key_location)
        if self.ssl_key_password is not None:
            config["ssl.key.password"] = revealed(self.ssl_key_password)
        return config


class RegistrySettings(EnvironmentSettings):
    """The schema registry. Variables: SCHEMA_REGISTRY_URL and so on."""

    model_config = SettingsConfigDict(env_prefix="SCHEMA_REGISTRY_")

    url: str = "http://localhost:8081"
    username: str | None = None
    password: SecretStr | None = None
    # A token that is renewed elsewhere, or the URL that gives one for a client's id and secret.
    bearer_token: SecretStr | None = None
    oauth_token_url: str | None = None
    oauth_client_id: str | None = None
    oauth_client_secret: SecretStr | None = None
    oauth_scope: str = ""
    # Confluent Cloud's name of the registry, which it requires with a token.
    logical_cluster: str = ""
    ca_location: FilePath | None = None
    # Mutual TLS: the certificate that this program presents to the registry.
    certificate_location: FilePath | None = None
    key_location: FilePath | None = None
    key_password: SecretStr | None = None
    # Without a limit the client waits for ever.
    timeout_seconds: float = 10.0

    @field_validator("url")
    @classmethod
    def _url_is_plain(cls, url: str) -> str:
        if not url.startswith(("http://", "https://", "mock://")):
            raise ValueError("is no http:// or https:// address")
        if "@" in url:
            # They would appear in every log line and error message.
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
        oauth = (self.oauth_token_url, self.oauth_client_id, self.oauth_client_secret)
        if any(oauth) and None in oauth:
            raise ValueError(
                "SCHEMA_REGISTRY_OAUTH_TOKEN_URL, SCHEMA_REGISTRY_OAUTH_CLIENT_ID and "
                "SCHEMA_REGISTRY_OAUTH_CLIENT_SECRET go together, one is missing"
            )
        if sum((self.username is not None, self.bearer_token is not None, any(oauth))) > 1:
            raise ValueError(
                "SCHEMA_REGISTRY_USERNAME, SCHEMA_REGISTRY_BEARER_TOKEN and "
                "SCHEMA_REGISTRY_OAUTH_TOKEN_URL are three ways to log in, choose one"
            )
        if (self.certificate_location is None) != (self.key_location is None):
            raise ValueError(
                "SCHEMA_REGISTRY_CERTIFICATE_LOCATION and SCHEMA_REGISTRY_KEY_LOCATION go "
                "together, one is missing"
            )
        return self

    def client_config(self) -> dict[str, str | float]:
        """Return what SchemaRegistryClient needs; it holds the password in clear text.

        A failed call is repeated three times within about two seconds, enough for a short outage.
        Callers that can wait longer repeat the call on RegistryUnavailable.
        """
        config: dict[str, str | float] = {
            "url": self.url,
            "timeout": self.timeout_seconds,
            "max.retries": 3,
            "retries.wait.ms": 200,
            "retries.max.wait.ms": 1000,
        }
        if self.username is not None:
            config["basic.auth.user.info"] = f"{self.username}:{revealed(self.password)}"
        config |= registry_token(self)
        if self.ca_location is not None:
            config["ssl.ca.location"] = str(self.ca_location)
        if self.certificate_location is not None:
            config["ssl.certificate.location"] = str(self.certificate_location)
            config["ssl.key.location"] = str(self.key_location)
        if self.key_password is not None:
            config["ssl.key.password"] = revealed(self.key_password)
        return config


def validation_message(error: ValidationError) -> str:
    """Return in one line which variables are wrong and why, without their values."""
    prefixes = {
        "ConsoleSettings": "CONSOLE_",
        "KafkaSettings": "KAFKA_",
        "MetricsSettings": "METRICS_",
        "RegistrySettings": "SCHEMA_REGISTRY_",
    }
    prefix = prefixes.get(error.title, "")
    lines = []
    for fault in error.errors(include_url=False, include_input=False):
        name = "_".join(str(part) for part in fault["loc"]).upper()
        lines.append(f"{prefix}{name}: {fault['msg']}" if name else fault["msg"])
    return "; ".join(line.replace("Value error, ", "") for line in lines)
