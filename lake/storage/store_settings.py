"""The settings of an object store, from the variables and profiles that AWS's own tools read."""

import configparser
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from lake.errors import StoreRefused

__all__ = ["RETRIES", "StoreOptions", "store_options"]

_TIMEOUT: Final = "30 seconds"
_CONNECT_TIMEOUT: Final = "5 seconds"
_DEFAULT_REGION: Final = "us-east-1"
RETRIES: Final[dict[str, Any]] = {
    "max_retries": 8,
    "retry_timeout": timedelta(seconds=30),
    "backoff": {
        "init_backoff": timedelta(milliseconds=100),
        "max_backoff": timedelta(seconds=10),
        "base": 2,
    },
}
"""Answers of 429 (throttling) and 5xx and broken connections are tried again that long."""
_OF_PROFILE: Final = {
    "aws_access_key_id": "access_key_id",
    "aws_secret_access_key": "secret_access_key",
    "aws_session_token": "session_token",
    "region": "region",
    "endpoint_url": "endpoint",
}


@dataclass(frozen=True)
class StoreOptions:
    """The options that a store is opened with.

    Attributes:
        config: where it is and who asks.
        client: how requests are sent.
    """

    config: Mapping[str, str] = field(default_factory=dict)
    client: Mapping[str, Any] = field(default_factory=dict)


def store_options(bucket: str, environment: Mapping[str, str]) -> StoreOptions:
    """Return the options for a bucket's address.

    For `s3://`, AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL, AWS_REGION or AWS_DEFAULT_REGION and
    AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN count; what they do not say, the
    profile AWS_PROFILE says. Without keys, the library asks the machine or container for its role.
    For `gs://` and `az://` the library reads the variables of these stores.

    Args:
        bucket: `s3://bucket`.
        environment: the environment variables.

    Raises:
        StoreRefused: AWS_PROFILE names a profile that there is not, or that has no keys.
    """
    client = {"timeout": _TIMEOUT, "connect_timeout": _CONNECT_TIMEOUT}
    if not bucket.startswith("s3://"):
        return StoreOptions({}, client)
    config = _of_profile(environment) | {
        name: value
        for name, value in {
            "access_key_id": environment.get("AWS_ACCESS_KEY_ID"),
            "secret_access_key": environment.get("AWS_SECRET_ACCESS_KEY"),
            "session_token": environment.get("AWS_SESSION_TOKEN"),
            "region": environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION"),
            "endpoint": environment.get("AWS_ENDPOINT_URL_S3")
            or environment.get("AWS_ENDPOINT_URL"),
        }.items()
        if value
    }
    # Servers other than Amazon's have one region, and rarely look at it.
    config.setdefault("region", _DEFAULT_REGION)
    config["conditional_put"] = "etag"
    if config.get("endpoint", "").startswith("http://"):
        client = {**client, "allow_http": True}  # type: ignore[dict-item]  # not all are text
    return StoreOptions(config, client)


def _of_profile(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what the chosen profile says; nothing if none is chosen and there is no default."""
    chosen = environment.get("AWS_PROFILE", "")
    home = Path(environment.get("HOME", "~")).expanduser() / ".aws"
    shared = Path(environment.get("AWS_SHARED_CREDENTIALS_FILE") or home / "credentials")
    config = Path(environment.get("AWS_CONFIG_FILE") or home / "config")
    name = chosen or "default"
    found: dict[str, str] = {}
    for path, section in ((config, f"profile {name}"), (config, name), (shared, name)):
        found |= _section(path, section)
    if chosen and not found:
        raise StoreRefused(
            f"AWS_PROFILE is {chosen}, and neither {config} nor {shared} has such a profile. Add "
            "it, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        )
    known = {_OF_PROFILE[key]: value for key, value in found.items() if key in _OF_PROFILE}
    if chosen and "access_key_id" not in known and "AWS_ACCESS_KEY_ID" not in environment:
        raise StoreRefused(
            f"the profile {chosen} has no aws_access_key_id: profiles that sign in or assume a "
            "role are not read. Set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and "
            "AWS_SESSION_TOKEN, as `aws configure export-credentials` prints them."
        )
    return known


def _section(path: Path, name: str) -> dict[str, str]:
    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except configparser.Error as error:
        raise StoreRefused(
            f"{path} cannot be read as AWS's settings: {str(error).splitlines()[0]}. Correct it."
        ) from error
    return dict(parser[name]) if parser.has_section(name) else {}
