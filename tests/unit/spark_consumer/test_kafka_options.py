from pathlib import Path

from schemas.settings import KafkaSettings
from spark_consumer.kafka_options import java_client_options

PASSWORD = 'pa"ss;word'


def test_a_plain_broker_needs_its_address_alone() -> None:
    """Nothing about logins is said where there is none."""
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
