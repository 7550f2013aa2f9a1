"""The broker's address and login as options of the Java client that Spark uses."""

import json
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from pydantic import SecretStr

from runtime.logins import revealed
from runtime.settings import KafkaSettings
from spark_consumer.errors import KeyUnreadable

__all__ = ["java_client_options"]

_MODULES: Final = {
    "PLAIN": "plain.PlainLoginModule",
    "SCRAM-SHA-256": "scram.ScramLoginModule",
    "SCRAM-SHA-512": "scram.ScramLoginModule",
    "OAUTHBEARER": "oauthbearer.OAuthBearerLoginModule",
}
_CALLBACK_HANDLER: Final = (
    "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler"
)


def java_client_options(settings: KafkaSettings) -> dict[str, str]:
    """Return the options for Spark's Kafka source; they hold passwords and keys in clear text."""
    options = {
        "kafka.bootstrap.servers": settings.bootstrap_servers,
        "kafka.security.protocol": settings.security_protocol,
    }
    if settings.sasl_mechanism is not None:
        options["kafka.sasl.mechanism"] = settings.sasl_mechanism
        options["kafka.sasl.jaas.config"] = _jaas(settings)
    if settings.sasl_mechanism == "OAUTHBEARER":
        options["kafka.sasl.login.callback.handler.class"] = _CALLBACK_HANDLER
        options["kafka.sasl.oauthbearer.token.endpoint.url"] = settings.sasl_oauth_token_url or ""
    if settings.ssl_ca_location is not None:
        options["kafka.ssl.truststore.type"] = "PEM"
        options["kafka.ssl.truststore.location"] = str(Path(settings.ssl_ca_location).absolute())
    if settings.ssl_certificate_location is not None and settings.ssl_key_location is not None:
        # As text: Java reads a key and its certificate from one file only, and the platform must
        # not write a secret to a file.
        options["kafka.ssl.keystore.type"] = "PEM"
        options["kafka.ssl.keystore.certificate.chain"] = _text(settings.ssl_certificate_location)
        options["kafka.ssl.keystore.key"] = _key(
            settings.ssl_key_location, settings.ssl_key_password
        )
    return options


def _jaas(settings: KafkaSettings) -> str:
    login = {"username": settings.sasl_username, "password": revealed(settings.sasl_password)}
    if settings.sasl_mechanism == "OAUTHBEARER":
        login = {
            "clientId": settings.sasl_oauth_client_id,
            "clientSecret": revealed(settings.sasl_oauth_client_secret),
            "scope": settings.sasl_oauth_scope,
        }
        if settings.ssl_ca_location is not None:
            # For the token endpoint: Java uses this truststore there, not the broker's.
            login["ssl.truststore.type"] = "PEM"
            login["ssl.truststore.location"] = str(settings.ssl_ca_location.absolute())
    module = _MODULES[settings.sasl_mechanism or "PLAIN"]
    options = " ".join(
        f"{name}={json.dumps(value, ensure_ascii=False)}"
        for name, value in login.items()
        if value is not None
    )
    return f"org.apache.kafka.common.security.{module} required {options};"


def _key(path: Path, password: SecretStr | None) -> str:
    """Read a private key as Java accepts it: PKCS#8, without the password of its file.

    Kafka's client 3.9.1 on Java 17 supports none of the ciphers with which OpenSSL 3 encrypts a key
    by default ("PBES2 SecretKeyFactory not available", seen).
    """
    phrase = None if password is None else revealed(password).encode()
    try:
        key = load_pem_private_key(path.read_bytes(), phrase)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyUnreadable(
            f"{path} holds no private key in PEM that KAFKA_SSL_KEY_PASSWORD opens: check "
            "KAFKA_SSL_KEY_LOCATION"
        ) from error
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


def _text(path: Path) -> str:
    return path.read_text(encoding="ascii")
