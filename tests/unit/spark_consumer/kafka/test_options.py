import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)

from runtime.settings import KafkaSettings
from spark_consumer import session
from spark_consumer.errors import KeyUnreadable
from spark_consumer.kafka.options import java_client_options

PASSWORD = 'pa"ss;word'


def test_a_plain_broker_needs_its_address_alone() -> None:
    """Without a login, no setting of logins is passed on."""
    assert java_client_options(KafkaSettings(bootstrap_servers="b:9092")) == {
        "kafka.bootstrap.servers": "b:9092",
        "kafka.security.protocol": "PLAINTEXT",
    }


def test_a_login_over_tls_is_said_in_javas_words(tmp_path: Path) -> None:
    """The mechanism chooses the login module, quotes are escaped, the CA is a PEM truststore."""
    authority = tmp_path / "ca.pem"
    authority.write_text("certificate")
    settings = KafkaSettings(
        security_protocol="SASL_SSL",
        sasl_mechanism="SCRAM-SHA-512",
        sasl_username="user",
        sasl_password=PASSWORD,  # type: ignore[arg-type]  # pydantic makes it a secret
        ssl_ca_location=authority,
    )
    options = java_client_options(settings)
    assert options["kafka.sasl.mechanism"] == "SCRAM-SHA-512"
    assert options["kafka.sasl.jaas.config"] == (
        "org.apache.kafka.common.security.scram.ScramLoginModule required "
        r'username="user" password="pa\"ss;word";'
    )
    assert options["kafka.ssl.truststore.type"] == "PEM"
    assert options["kafka.ssl.truststore.location"] == str(authority)
    assert PASSWORD not in repr(settings)


def test_the_plain_mechanism_has_its_own_module() -> None:
    """PLAIN is no SCRAM."""
    settings = KafkaSettings(
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="PLAIN",
        sasl_username="user",
        sasl_password="x",  # type: ignore[arg-type]  # pydantic makes it a secret
    )
    module = java_client_options(settings)["kafka.sasl.jaas.config"].split()[0]
    assert module == "org.apache.kafka.common.security.plain.PlainLoginModule"


def test_client_credentials_are_said_in_javas_words() -> None:
    """Kafka's own handler fetches the token; only the login's line holds the secret."""
    settings = KafkaSettings(
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="OAUTHBEARER",
        sasl_oauth_token_url="http://tokens/t",
        sasl_oauth_client_id="lake",
        sasl_oauth_client_secret=PASSWORD,  # type: ignore[arg-type]  # pydantic makes it a secret
    )
    options = java_client_options(settings)
    assert options["kafka.sasl.jaas.config"] == (
        "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required "
        r'clientId="lake" clientSecret="pa\"ss;word";'
    )
    assert options["kafka.sasl.oauthbearer.token.endpoint.url"] == "http://tokens/t"
    assert options["kafka.sasl.login.callback.handler.class"].endswith("LoginCallbackHandler")
    assert [key for key, value in options.items() if "ss;word" in value] == [
        "kafka.sasl.jaas.config"
    ]


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A private key under a password, as OpenSSL 3 writes one."""
    path = tmp_path / "key.pem"
    made = generate_private_key(public_exponent=65537, key_size=2048)
    cipher = BestAvailableEncryption(PASSWORD.encode())
    path.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, cipher))
    return path


def with_key(key: Path, password: str) -> KafkaSettings:
    """Mutual TLS with a certificate beside the key."""
    certificate = key.with_name("certificate.pem")
    certificate.write_text("-----BEGIN CERTIFICATE-----\n", encoding="ascii")
    return KafkaSettings(
        security_protocol="SSL",
        ssl_certificate_location=certificate,
        ssl_key_location=key,
        ssl_key_password=password,  # type: ignore[arg-type]  # pydantic makes it a secret
    )


def test_a_certificate_is_said_in_javas_words(key: Path) -> None:
    """As text: Java wants one file of both, and opens no key that OpenSSL 3 locked."""
    options = java_client_options(with_key(key, PASSWORD))
    assert options["kafka.ssl.keystore.type"] == "PEM"
    assert options["kafka.ssl.keystore.certificate.chain"].startswith("-----BEGIN CERTIFICATE")
    assert options["kafka.ssl.keystore.key"].startswith("-----BEGIN PRIVATE KEY-----")
    assert "kafka.ssl.key.password" not in options


def test_the_token_endpoint_may_have_a_private_authority(tmp_path: Path) -> None:
    """Java's login module asks for the endpoint's authority apart from the broker's."""
    authority = tmp_path / "ca.pem"
    authority.touch()
    settings = KafkaSettings(
        security_protocol="SASL_SSL",
        sasl_mechanism="OAUTHBEARER",
        sasl_oauth_token_url="https://tokens/t",
        sasl_oauth_client_id="lake",
        sasl_oauth_client_secret=PASSWORD,  # type: ignore[arg-type]  # pydantic makes it a secret
        ssl_ca_location=authority,
    )
    jaas = java_client_options(settings)["kafka.sasl.jaas.config"]
    assert f'ssl.truststore.type="PEM" ssl.truststore.location="{authority}"' in jaas


def test_a_key_that_does_not_open_is_reported(key: Path) -> None:
    """By its file and settings, and without the password."""
    with pytest.raises(KeyUnreadable, match="KAFKA_SSL_KEY_PASSWORD") as raised:
        java_client_options(with_key(key, "another"))
    assert "another" not in str(raised.value)


def test_every_secret_of_the_options_is_redacted() -> None:
    """Spark shows options in plans and logs, but for those that its expressions match."""
    for name in ("spark.redaction.regex", "spark.sql.redaction.options.regex"):
        for option in ("sasl.jaas.config", "ssl.keystore.key"):
            assert re.search(session._FIXED[name], f"kafka.{option}")
