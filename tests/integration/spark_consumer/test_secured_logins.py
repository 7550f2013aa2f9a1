"""Mutual TLS and OAuth against a real broker: librdkafka and Spark from the same settings."""

import json
import logging
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from authlib.jose import JsonWebKey, jwt
from confluent_kafka.admin import AdminClient, NewTopic

import infra.embedded.broker
from infra.embedded import EmbeddedStack
from infra.embedded.ports import Ports
from infra.jars.installation import DEFAULT_FOLDER as JARS
from lake.settings import LakeSettings
from schemas.catalogue import load_catalogue
from schemas.plan import plan_registration
from schemas.registration import apply_plan
from schemas.registry import Registry
from schemas.settings import KafkaSettings, RegistrySettings
from tests.integration.spark_consumer.conftest import Pipeline, TradeMaker
from tests.token_server.server import TokenServer, serve_tokens

TOPIC = "kraken.trades"
KEY_PASSWORD, CLIENT, SECRET = "k3y-password", "lake", "cl1ent-secret"
ALLOWED = "org.apache.kafka.sasl.oauthbearer.allowed.urls"

SECURED = """
listeners=CLIENT://127.0.0.1:{plain},CONTROLLER://127.0.0.1:{controller},\
MTLS://127.0.0.1:{mtls},OAUTH://127.0.0.1:{oauth}
advertised.listeners=CLIENT://127.0.0.1:{plain},MTLS://127.0.0.1:{mtls},OAUTH://127.0.0.1:{oauth}
listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT,MTLS:SSL,OAUTH:SASL_PLAINTEXT
ssl.keystore.type=PEM
ssl.keystore.location={folder}/keystore.pem
ssl.truststore.type=PEM
ssl.truststore.location={folder}/certificate.pem
listener.name.mtls.ssl.client.auth=required
listener.name.oauth.sasl.enabled.mechanisms=OAUTHBEARER
listener.name.oauth.oauthbearer.sasl.jaas.config=\
org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required ;
listener.name.oauth.oauthbearer.sasl.server.callback.handler.class=\
org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler
sasl.oauthbearer.jwks.endpoint.url={jwks}
"""


@dataclass(frozen=True)
class Secured:
    """A broker with both ports, and what opens them."""

    mtls: KafkaSettings
    oauth: KafkaSettings
    registry: RegistrySettings
    tokens: TokenServer
    folder: Path

    @property
    def secrets(self) -> list[str]:
        """What must be in no log and no file of the lake."""
        body = (self.folder / "key.pem").read_text().splitlines()[1]
        return [KEY_PASSWORD, SECRET, self.tokens.token, body]


def openssl(*arguments: str) -> None:
    """Run OpenSSL."""
    command = ["openssl", *arguments]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def certificates(tmp_path: Path) -> Path:
    """A folder with a certificate for loopback, and its key with and without a password."""
    folder = tmp_path / "pem"
    folder.mkdir()
    certificate, bare, key = (folder / f"{name}.pem" for name in ("certificate", "bare", "key"))
    openssl(
        *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
        *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(bare), "-out", str(certificate)),
    )
    openssl(
        *("pkcs8", "-topk8", "-in", str(bare), "-out", str(key)),
        *("-passout", f"pass:{KEY_PASSWORD}"),
    )
    (folder / "keystore.pem").write_text(bare.read_text() + certificate.read_text())
    return folder


@pytest.fixture
def tokens(certificates: Path) -> Iterator[TokenServer]:
    """A server of signed tokens, whose public key lies beside the certificates."""
    key = JsonWebKey.generate_key("RSA", 2048, {"kid": "1"}, is_private=True)
    public = {"keys": [key.as_dict(is_private=False, alg="RS256", use="sig")]}
    (certificates / "jwks.json").write_text(json.dumps(public))
    now = int(time.time())
    claims = {"sub": CLIENT, "iat": now, "exp": now + 600, "scope": "kafka"}
    token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, key).decode()
    with serve_tokens((CLIENT, SECRET), token) as server:
        yield server


@pytest.fixture
def secured(
    certificates: Path, tokens: TokenServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Secured]:
    """A running broker that asks for a certificate on one port and for a token on another."""
    jwks = (certificates / "jwks.json").as_uri()
    # Kafka 4 fetches from no address that is not allowed.
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", f"-D{ALLOWED}={jwks},{tokens.url}")
    plain_properties = infra.embedded.broker.server_properties
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("", 0)) as other:
        mtls, oauth = one.getsockname()[1], other.getsockname()[1]

    def properties(ports: Ports, data: Path) -> str:
        return plain_properties(ports, data) + SECURED.format(
            plain=ports.broker,
            controller=ports.controller,
            mtls=mtls,
            oauth=oauth,
            folder=certificates,
            jwks=jwks,
        )

    monkeypatch.setattr(infra.embedded.broker, "server_properties", properties)
    monkeypatch.chdir(tmp_path)
    with EmbeddedStack(tmp_path / "stack", JARS) as stack:
        yield Secured(
            KafkaSettings(
                bootstrap_servers=f"127.0.0.1:{mtls}",
                security_protocol="SSL",
                ssl_ca_location=certificates / "certificate.pem",
                ssl_certificate_location=certificates / "certificate.pem",
                ssl_key_location=certificates / "key.pem",
                ssl_key_password=KEY_PASSWORD,  # type: ignore[arg-type]  # made a secret
            ),
            KafkaSettings(
                bootstrap_servers=f"127.0.0.1:{oauth}",
                security_protocol="SASL_PLAINTEXT",
                sasl_mechanism="OAUTHBEARER",
                sasl_oauth_token_url=tokens.url,
                sasl_oauth_client_id=CLIENT,
                sasl_oauth_client_secret=SECRET,  # type: ignore[arg-type]  # made a secret
                sasl_oauth_scope="kafka",
            ),
            RegistrySettings(url=stack.registry_url),
            tokens,
            certificates,
        )


def test_both_logins_carry_trades_and_tell_nobody_their_secrets(
    secured: Secured,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Trades go in and out by certificate and by token; no secret is in any output or file."""
    caplog.set_level(logging.DEBUG)
    registry = Registry(secured.registry)
    apply_plan(plan_registration(load_catalogue(), TOPIC, registry), registry)
    admin = AdminClient(secured.mtls.client_config())
    admin.create_topics([NewTopic(TOPIC, num_partitions=1)])[TOPIC].result()
    trades = TradeMaker(registry, f"{TOPIC}-value")
    newest = registry.versions(trades.subject)[-1].schema_id
    landed = 0
    for name, kafka in (("mtls", secured.mtls), ("oauth", secured.oauth)):
        lake = LakeSettings(base_output_path=tmp_path / name)
        pipeline = Pipeline(kafka, secured.registry, lake)
        ids = range(landed + 1, landed + 51)
        pipeline.send(trades.framed(newest, i, feed="REST") for i in ids)
        landed += 50
        pipeline.land()
        assert pipeline.query("SELECT count(*) FROM trades") == [(landed,)]
    assert secured.tokens.given >= 2  # librdkafka's and Java's
    assert set(secured.tokens.scopes) == {"kafka"}
    told = capfd.readouterr()
    written = [
        path.read_bytes()
        for name in ("mtls", "oauth")
        for path in (tmp_path / name).rglob("*")
        if path.is_file()
    ]
    for secret in secured.secrets:
        assert secret not in told.out + told.err + caplog.text
        assert not any(secret.encode() in content for content in written)
