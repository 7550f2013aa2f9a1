"""The broker's address and login in the words of the Java client that Spark uses."""

import json
from pathlib import Path

from schemas.settings import KafkaSettings

__all__ = ["java_client_options"]


def java_client_options(settings: KafkaSettings) -> dict[str, str]:
    """What Spark's Kafka source needs to connect; it holds the password in clear."""
    options = {
        "kafka.bootstrap.servers": settings.bootstrap_servers,
        "kafka.security.protocol": settings.security_protocol,
    }
    if settings.sasl_mechanism is not None and settings.sasl_password is not None:
        module = "plain.Plain" if settings.sasl_mechanism == "PLAIN" else "scram.Scram"
        user, password = (
            json.dumps(text, ensure_ascii=False)
            for text in (settings.sasl_username, settings.sasl_password.get_secret_value())
        )
        options["kafka.sasl.mechanism"] = settings.sasl_mechanism
        options["kafka.sasl.jaas.config"] = (
            f"org.apache.kafka.common.security.{module}LoginModule required "
            f"username={user} password={password};"
        )
    if settings.ssl_ca_location is not None:
        options["kafka.ssl.truststore.type"] = "PEM"
        options["kafka.ssl.truststore.location"] = str(Path(settings.ssl_ca_location).absolute())
    return options
