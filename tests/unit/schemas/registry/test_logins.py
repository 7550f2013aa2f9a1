"""Tokens, certificates and keys, for Kafka and for the registry."""

import logging
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from runtime.settings import KafkaSettings, RegistrySettings, validation_message
from schemas.errors import RegistryRefused, RegistryUnavailable
from schemas.registry.client import Registry
from tests.token_server.server import serve_tokens

if TYPE_CHECKING:
    from tests.confluent_registry.server import RunningRegistry

TOKEN, SECRET, CLIENT = "t0ken-of-mine", "cl1ent-secret", "lake"
KEY_PASSWORD = "k3y-password"


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a self-signed certificate for loopback, and its key with a password."""
    folder = tmp_path_factory.mktemp("pem")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-days", "2"),
            *("-passout", f"pass:{KEY_PASSWORD}", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")),
        ],
        check=True,
        capture_output=True,
    )
    return folder


def test_a_bearer_token_is_sent(genuine: "RunningRegistry") -> None:
    """With it the registry lets us in, with another it does not, and neither is shown."""
    genuine.token = TOKEN
    assert Registry(RegistrySettings(url=genuine.url, bearer_token=TOKEN)).find("s", "{}") is None
    wrong = RegistrySettings(url=genuine.url, bearer_token="another")
    with pytest.raises(RegistryRefused, match="SCHEMA_REGISTRY_BEARER_TOKEN") as raised:
        Registry(wrong).find("s", "{}")
    assert "another" not in f"{raised.value} {wrong!r}"


def test_a_token_is_fetched_once_for_client_credentials(
    genuine: "RunningRegistry", caplog: pytest.LogCaptureFixture
) -> None:
    """It is used for many calls, asked for with the scope, and in no log line."""
    genuine.token = TOKEN
    caplog.set_level(logging.DEBUG)
    with serve_tokens((CLIENT, SECRET), TOKEN) as tokens:
        settings = RegistrySettings(
            url=genuine.url,
            oauth_token_url=tokens.url,
            oauth_client_id=CLIENT,
            oauth_client_secret=SECRET,
            oauth_scope="schemas",
        )
        registry = Registry(settings)
        assert registry.find("s", "{}") is None
        assert registry.find("t", "{}") is None
        assert (tokens.given, tokens.scopes) == (1, ["schemas"])
    assert TOKEN not in caplog.text
    assert SECRET not in f"{caplog.text} {settings!r}"


def test_a_client_that_gets_no_token_is_reported(genuine: "RunningRegistry") -> None:
    """A wrong secret is not tried again; a token server that is down is."""

    def registry(url: str) -> Registry:
        return Registry(
            RegistrySettings(
                url=genuine.url,
                oauth_token_url=url,
                oauth_client_id=CLIENT,
                oauth_client_secret="wrong",
            )
        )

    with (
        serve_tokens((CLIENT, SECRET), TOKEN) as tokens,
        pytest.raises(RegistryRefused, match="SCHEMA_REGISTRY_OAUTH_TOKEN_URL") as raised,
    ):
        registry(tokens.url).find("s", "{}")
    assert "wrong" not in str(raised.value)
    with pytest.raises(RegistryUnavailable, match="no token"):
        registry("http://127.0.0.1:1/token").find("s", "{}")


def test_mutual_tls_to_the_registry(pem: Path) -> None:
    """A server that asks for a certificate gets ours, whose key is under a password."""
    shown: list[object] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            shown.append(self.connection.getpeercert())  # type: ignore[attr-defined]  # TLS
            body = b'{"error_code": 40401, "message": "none"}'
            self.send_response(404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815 - http.server's name

        def log_message(self, *_: object) -> None:
            """Keep the test's output to what the test says."""

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=pem / "certificate.pem")
    context.load_cert_chain(pem / "certificate.pem", pem / "key.pem", KEY_PASSWORD)
    context.verify_mode = ssl.CERT_REQUIRED
    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        settings = RegistrySettings(
            url=f"https://127.0.0.1:{server.server_port}",
            ca_location=pem / "certificate.pem",
            certificate_location=pem / "certificate.pem",
            key_location=pem / "key.pem",
            key_password=KEY_PASSWORD,
        )
        assert Registry(settings).find("s", "{}") is None
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert shown
    assert all(shown)
    assert KEY_PASSWORD not in repr(settings)


def test_client_credentials_reach_librdkafka(pem: Path) -> None:
    """It fetches and renews the token itself; the authorities are those of the broker too."""
    settings = KafkaSettings(
        security_protocol="SASL_SSL",
        sasl_mechanism="OAUTHBEARER",
        sasl_oauth_token_url="https://tokens/t",
        sasl_oauth_client_id=CLIENT,
        sasl_oauth_client_secret=SECRET,
        sasl_oauth_scope="kafka",
        ssl_ca_location=pem / "certificate.pem",
    )
    config = settings.client_config()
    assert (
        config.items()
        >= {
            "sasl.mechanism": "OAUTHBEARER",
            "sasl.oauthbearer.method": "oidc",
            "sasl.oauthbearer.token.endpoint.url": "https://tokens/t",
            "sasl.oauthbearer.client.id": CLIENT,
            "sasl.oauthbearer.client.secret": SECRET,
            "sasl.oauthbearer.scope": "kafka",
            "https.ca.location": str(pem / "certificate.pem"),
        }.items()
    )
    assert "sasl.password" not in config
    assert SECRET not in repr(settings)


def test_a_certificate_reaches_librdkafka(pem: Path) -> None:
    """With its key and the key's password."""
    settings = KafkaSettings(
        security_protocol="SSL",
        ssl_certificate_location=pem / "certificate.pem",
        ssl_key_location=pem / "key.pem",
        ssl_key_password=KEY_PASSWORD,
    )
    config = settings.client_config()
    assert config["ssl.certificate.location"] == str(pem / "certificate.pem")
    assert config["ssl.key.location"] == str(pem / "key.pem")
    assert config["ssl.key.password"] == KEY_PASSWORD
    assert KEY_PASSWORD not in repr(settings)


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        (
            {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_SASL_MECHANISM": "OAUTHBEARER"},
            "OAUTHBEARER needs KAFKA_SASL_OAUTH_TOKEN_URL",
        ),
        ({"KAFKA_SSL_KEY_LOCATION": "pyproject"}, "KAFKA_SSL_KEY_LOCATION go together"),
        ({"SCHEMA_REGISTRY_OAUTH_CLIENT_ID": "me"}, "SCHEMA_REGISTRY_OAUTH_CLIENT_SECRET go"),
        (
            {
                "SCHEMA_REGISTRY_BEARER_TOKEN": "t",
                "SCHEMA_REGISTRY_USERNAME": "me",
                "SCHEMA_REGISTRY_PASSWORD": "s",
            },
            "three ways to log in, choose one",
        ),
        ({"SCHEMA_REGISTRY_KEY_LOCATION": "old"}, "SCHEMA_REGISTRY_KEY_LOCATION go together"),
    ],
)
def test_half_a_login_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variables: dict[str, str], sentence: str
) -> None:
    """What is missing is reported before anything connects."""
    old = tmp_path / "old.pem"
    old.write_text("-----BEGIN RSA PRIVATE KEY-----\n", encoding="ascii")
    for name, value in variables.items():
        monkeypatch.setenv(name, str(old) if name.endswith("LOCATION") else value)
    with pytest.raises(ValidationError) as raised:
        (KafkaSettings(), RegistrySettings())
    assert sentence in validation_message(raised.value)
