"""Logins as settings of Confluent's Python clients; they hold secrets in clear text."""

from typing import TYPE_CHECKING

from pydantic import SecretStr

if TYPE_CHECKING:
    from runtime.settings import KafkaSettings, RegistrySettings

__all__ = ["ClientConfig", "kafka_login", "registry_token", "revealed"]

ClientConfig = dict[str, str | int | bool]


def revealed(secret: SecretStr | None) -> str:
    """Return a secret in clear text, only for a client's configuration; empty if there is none."""
    return "" if secret is None else secret.get_secret_value()


def kafka_login(settings: "KafkaSettings") -> ClientConfig:
    """Return librdkafka's SASL settings: user and password, or a token that it fetches itself."""
    config: ClientConfig = {"sasl.mechanism": settings.sasl_mechanism or ""}
    if settings.sasl_mechanism != "OAUTHBEARER":
        config["sasl.username"] = settings.sasl_username or ""
        config["sasl.password"] = revealed(settings.sasl_password)
        return config
    config |= {
        "sasl.oauthbearer.method": "oidc",
        "sasl.oauthbearer.token.endpoint.url": settings.sasl_oauth_token_url or "",
        "sasl.oauthbearer.client.id": settings.sasl_oauth_client_id or "",
        "sasl.oauthbearer.client.secret": revealed(settings.sasl_oauth_client_secret),
    }
    if settings.sasl_oauth_scope is not None:
        config["sasl.oauthbearer.scope"] = settings.sasl_oauth_scope
    if settings.ssl_ca_location is not None:
        config["https.ca.location"] = str(settings.ssl_ca_location)
    return config


def registry_token(settings: "RegistrySettings") -> dict[str, str | float]:
    """Return the registry client's settings for a bearer token, given or fetched; empty if none.

    The client requires a logical cluster with a token and sends it as a header; registries other
    than Confluent Cloud's ignore it.
    """
    source: dict[str, str | float] = {"bearer.auth.logical.cluster": settings.logical_cluster}
    if settings.bearer_token is not None:
        source["bearer.auth.credentials.source"] = "STATIC_TOKEN"
        return source | {"bearer.auth.token": revealed(settings.bearer_token)}
    if settings.oauth_token_url is None:
        return {}
    return source | {
        "bearer.auth.credentials.source": "OAUTHBEARER",
        "bearer.auth.issuer.endpoint.url": settings.oauth_token_url,
        "bearer.auth.client.id": settings.oauth_client_id or "",
        "bearer.auth.client.secret": revealed(settings.oauth_client_secret),
        "bearer.auth.scope": settings.oauth_scope,
    }
