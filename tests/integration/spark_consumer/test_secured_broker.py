import logging
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

import infra.embedded.broker
from infra.embedded import EmbeddedStack
from infra.embedded.ports import Ports
from infra.jars.installation import DEFAULT_FOLDER as JARS
from lake.settings import LakeSettings
from schemas.catalogue import load_catalogue
from schemas.errors import KafkaUnreachable
from schemas.plan import plan_registration
from schemas.registration import apply_plan
from schemas.registry import Registry
from schemas.settings import KafkaSettings, RegistrySettings
from tests.integration.spark_consumer.conftest import Pipeline, TradeMaker

USER, PASSWORD, TOPIC = "lake", "open-sesame", "kraken.trades"

SECURED = """
listeners=CLIENT://127.0.0.1:{plain},CONTROLLER://127.0.0.1:{controller},SECURE://127.0.0.1:{port}
advertised.listeners=CLIENT://127.0.0.1:{plain},SECURE://127.0.0.1:{port}
listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
listener.name.secure.sasl.enabled.mechanisms=PLAIN
listener.name.secure.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.\
PlainLoginModule required user_{user}="{password}";
"""


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for loopback, signed by itself; its key lies beside it."""
    made = tmp_path / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(tmp_path / "key.pem"), "-out", str(made)),
        ],
        check=True,
        capture_output=True,
    )
    return made


@pytest.fixture
def secured(
    certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Pipeline]:
    """A broker that asks for TLS and a password on one of its ports, and a pipeline over that."""
    keystore = tmp_path / "keystore.pem"
    keystore.write_text((tmp_path / "key.pem").read_text() + certificate.read_text())
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    plain_properties = infra.embedded.broker.server_properties

    def secured_properties(ports: Ports, data: Path) -> str:
        return plain_properties(ports, data) + SECURED.format(
            plain=ports.broker,
            controller=ports.controller,
            port=port,
            keystore=keystore,
            user=USER,
            password=PASSWORD,
        )

    monkeypatch.setattr(infra.embedded.broker, "server_properties", secured_properties)
    monkeypatch.chdir(tmp_path)
    with EmbeddedStack(tmp_path / "stack", JARS) as stack:
        kafka = KafkaSettings(
            bootstrap_servers=f"127.0.0.1:{port}",
            security_protocol="SASL_SSL",
            sasl_mechanism="PLAIN",
            sasl_username=USER,
            sasl_password=PASSWORD,  # type: ignore[arg-type]  # pydantic makes it a secret
            ssl_ca_location=certificate,
        )
        registry = RegistrySettings(url=stack.registry_url)
        yield Pipeline(kafka, registry, LakeSettings(base_output_path=tmp_path / "data"))


def test_the_stream_logs_in_over_tls_and_tells_nobody_the_password(
    secured: Pipeline, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Trades go in and out of the secured port; the password is in no output and no log."""
    caplog.set_level(logging.DEBUG)
    registry = Registry(secured.registry)
    apply_plan(plan_registration(load_catalogue(), TOPIC, registry), registry)
    admin = AdminClient(secured.kafka.client_config())
    admin.create_topics([NewTopic(TOPIC, num_partitions=1)])[TOPIC].result()
    trades = TradeMaker(registry, f"{TOPIC}-value")
    newest = registry.versions(trades.subject)[-1].schema_id
    secured.send(trades.framed(newest, i, feed="REST") for i in range(1, 101))
    secured.land()
    assert secured.query("SELECT count(*), sum(trade_id) FROM trades") == [(100, 5050)]
    told = capfd.readouterr()
    assert PASSWORD not in told.out + told.err + caplog.text
    assert not any(
        PASSWORD.encode() in path.read_bytes()
        for path in secured.layout.base.rglob("*")
        if path.is_file()
    )


def test_a_wrong_password_is_told(secured: Pipeline) -> None:
    """One clear error about Kafka, before Spark starts."""
    wrong = secured.kafka.model_copy(update={"sasl_username": "nobody"})
    with pytest.raises(KafkaUnreachable, match=secured.kafka.bootstrap_servers):
        Pipeline(wrong, secured.registry, secured.lake).land()
