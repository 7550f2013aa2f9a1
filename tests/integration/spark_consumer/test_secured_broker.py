"""Every way to log in to Kafka, by librdkafka and by Spark's Java client from the same settings."""

import json
import logging
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import (
    AdminClient,
    NewTopic,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from joserfc import jwk, jwt

import infra.embedded.broker
from infra.embedded import EmbeddedStack
from infra.embedded.ports import Ports
from infra.jars.installation import DEFAULT_FOLDER as JARS
from lake.settings import LakeSettings
from runtime.errors import KafkaUnreachable
from runtime.settings import KafkaSettings, RegistrySettings
from schemas.catalogue import load_catalogue
from schemas.registry.client import Registry
from schemas.registry.plan import plan_registration
from schemas.registry.registration import apply_plan
from tests.certificates import KEY_PASSWORD, Authority, Certificate
from tests.integration.spark_consumer.conftest import Pipeline, TradeMaker
from tests.token_server.server import TokenServer, serve_tokens

USER, PASSWORD = "lake", "open-sesame"
CLIENT, SECRET = "kraken-lake", "secret-of-the-client"
LOGIN = "org.apache.kafka.common.security"

SECURED = """
listeners=CLIENT://127.0.0.1:{plain},CONTROLLER://127.0.0.1:{controller},\
PASSWORD://127.0.0.1:{password},MUTUAL://127.0.0.1:{mutual},TOKEN://127.0.0.1:{token}
advertised.listeners=CLIENT://127.0.0.1:{plain},\
PASSWORD://127.0.0.1:{password},MUTUAL://127.0.0.1:{mutual},TOKEN://127.0.0.1:{token}
listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT,\
PASSWORD:SASL_SSL,MUTUAL:SSL,TOKEN:SASL_SSL
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
ssl.truststore.type=PEM
ssl.truststore.location={truststore}
listener.name.mutual.ssl.client.auth=required
listener.name.password.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256
listener.name.password.plain.sasl.jaas.config={login}.plain.PlainLoginModule required \
user_{user}="{secret}";
listener.name.password.scram-sha-256.sasl.jaas.config={login}.scram.ScramLoginModule required;
listener.name.token.sasl.enabled.mechanisms=OAUTHBEARER
listener.name.token.oauthbearer.sasl.jaas.config=\
{login}.oauthbearer.OAuthBearerLoginModule required;
listener.name.token.oauthbearer.sasl.server.callback.handler.class=\
{login}.oauthbearer.OAuthBearerValidatorCallbackHandler
listener.name.token.sasl.oauthbearer.jwks.endpoint.url={keys}
"""


@dataclass(frozen=True)
class Secured:
    """A stack whose broker has a port for each way to log in.

    Attributes:
        stack: The stack.
        authority: Signed the broker's certificate, and the client's.
        client: A certificate with an encrypted key.
        ports: The broker's, by listener.
        tokens: Gives tokens, over TLS.
    """

    stack: EmbeddedStack
    authority: Authority
    client: Certificate
    ports: dict[str, int]
    tokens: TokenServer

    def kafka(self, way: str, topic: str = "kraken.trades") -> KafkaSettings:
        """The settings of one way to log in."""
        password: dict[str, Any] = {"sasl_username": USER, "sasl_password": PASSWORD}
        listener, login = {
            "PLAIN": ("password", {"sasl_mechanism": "PLAIN", **password}),
            "SCRAM": ("password", {"sasl_mechanism": "SCRAM-SHA-256", **password}),
            "OAUTHBEARER": (
                "token",
                {
                    "sasl_mechanism": "OAUTHBEARER",
                    "sasl_oauth_token_url": self.tokens.url,
                    "sasl_oauth_client_id": CLIENT,
                    "sasl_oauth_client_secret": SECRET,
                    "sasl_oauth_scope": "trades",
                },
            ),
            "mutual TLS": (
                "mutual",
                {
                    "ssl_certificate_location": self.client.certificate,
                    "ssl_key_location": self.client.key,
                    "ssl_key_password": KEY_PASSWORD,
                },
            ),
        }[way]
        return KafkaSettings(
            bootstrap_servers=f"127.0.0.1:{self.ports[listener]}",
            topic=topic,
            security_protocol="SSL" if listener == "mutual" else "SASL_SSL",
            ssl_ca_location=self.authority.certificate,
            **login,
        )


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """The broker, the token endpoint and the certificates, for all ways at once."""
    folder = tmp_path_factory.mktemp("secured")
    authority = Authority(folder)
    server = authority.issue("broker")
    keystore = folder / "keystore.pem"
    keystore.write_text(server.key.read_text() + server.certificate.read_text())
    ports = _free_ports("password", "mutual", "token")
    plain_properties = infra.embedded.broker.server_properties
    with ExitStack() as at_end:
        token, keys = _signed_token(folder)
        tls = authority.server_context(server)
        tokens = at_end.enter_context(serve_tokens((CLIENT, SECRET), token, tls))

        def properties(own: Ports, data: Path) -> str:
            return plain_properties(own, data) + SECURED.format(
                **ports,
                plain=own.broker,
                controller=own.controller,
                keystore=keystore,
                truststore=authority.certificate,
                user=USER,
                secret=PASSWORD,
                login=LOGIN,
                keys=keys,
            )

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(infra.embedded.broker, "server_properties", properties)
            # Kafka 4 reads keys from no address that is not allowed.
            allowed = f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={keys}"
            patch.setenv("JAVA_TOOL_OPTIONS", allowed)
            stack = at_end.enter_context(EmbeddedStack(folder / "stack", JARS))
        _add_scram_user(stack)
        client = authority.issue("client", encrypted=True)
        yield Secured(stack, authority, client, ports, tokens)


@pytest.mark.parametrize("way", ["PLAIN", "SCRAM", "OAUTHBEARER", "mutual TLS"])
def test_the_stream_logs_in_and_shows_no_secret(  # noqa: PLR0913, PLR0917  pytest's fixtures
    secured: Secured,
    way: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Trades go in and out by each login; no secret is in output, log, command line or lake."""
    monkeypatch.chdir(tmp_path)
    caplog.set_level(logging.DEBUG)
    topic = f"trades.{way.replace(' ', '-')}"
    kafka = secured.kafka(way, topic)
    pipeline = Pipeline(
        kafka,
        RegistrySettings(url=secured.stack.registry_url),
        LakeSettings(base_output_path=tmp_path / "data"),
    )
    registry = Registry(pipeline.registry)
    apply_plan(plan_registration(load_catalogue(), topic, registry), registry)
    admin = AdminClient(kafka.client_config())
    admin.create_topics([NewTopic(topic, 1)])[topic].result()
    trades = TradeMaker(registry, f"{topic}-value")
    newest = registry.versions(trades.subject)[-1].schema_id
    pipeline.send(trades.framed(newest, i, feed="REST") for i in range(1, 101))
    pipeline.land()
    assert pipeline.query("SELECT count(*), sum(trade_id) FROM trades") == [(100, 5050)]
    shown = capfd.readouterr()
    texts = [shown.out, shown.err, caplog.text, *_command_lines(), *_files(pipeline.layout.base)]
    key = secured.client.key.read_text().splitlines()[1]
    secrets = [PASSWORD, SECRET, KEY_PASSWORD, key, secured.tokens.token]
    assert [secret for secret in secrets for text in texts if secret in text] == []


def test_a_login_that_is_refused_names_the_broker(secured: Secured, tmp_path: Path) -> None:
    """One clear error about Kafka, before Spark starts."""
    kafka = secured.kafka("OAUTHBEARER").model_copy(update={"sasl_oauth_client_id": "nobody"})
    registry = RegistrySettings(url=secured.stack.registry_url)
    with pytest.raises(KafkaUnreachable, match=kafka.bootstrap_servers):
        Pipeline(kafka, registry, LakeSettings(base_output_path=tmp_path / "data")).land()


def _free_ports(*names: str) -> dict[str, int]:
    with ExitStack() as held:
        probes = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in names]
        return {name: probe.getsockname()[1] for name, probe in zip(names, probes, strict=True)}


def _signed_token(folder: Path) -> tuple[str, str]:
    """A token, and where its public key is read."""
    key = jwk.RSAKey.generate_key(2048, parameters={"kid": "1", "use": "sig", "alg": "RS256"})
    public = folder / "keys.json"
    public.write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    now = int(time.time())
    claims = {"sub": CLIENT, "iat": now, "exp": now + 3600, "scope": "trades"}
    return jwt.encode({"alg": "RS256", "kid": "1"}, claims, key), public.as_uri()


def _add_scram_user(stack: EmbeddedStack) -> None:
    upsertion = UserScramCredentialUpsertion(
        USER, ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096), PASSWORD.encode()
    )
    admin = AdminClient({"bootstrap.servers": stack.bootstrap_servers})
    for done in admin.alter_user_scram_credentials([upsertion]).values():
        done.result()


def _command_lines() -> list[str]:
    """Those of this process and all others of this user, as `ps` shows them."""
    texts = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            texts.append(path.read_bytes().decode(errors="replace"))
        except OSError:
            continue
    return texts


def _files(folder: Path) -> list[str]:
    return [path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file()]
