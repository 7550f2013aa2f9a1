from pathlib import Path

import pytest

from lake.errors import StoreRefused
from lake.storage.store_settings import store_options

KEYS = {"AWS_ACCESS_KEY_ID": "me", "AWS_SECRET_ACCESS_KEY": "secret"}
PROFILES = """
[default]
aws_access_key_id = of-default
aws_secret_access_key = s1

[research]
aws_access_key_id = of-research
aws_secret_access_key = s2
"""
CONFIG = """
[profile research]
region = eu-central-1
endpoint_url = https://store.example

[profile signing-in]
sso_start_url = https://sign.example
"""


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment whose home has AWS's two files."""
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/credentials").write_text(PROFILES)
    (tmp_path / ".aws/config").write_text(CONFIG)
    return {"HOME": str(tmp_path)}


def test_the_variables(tmp_path: Path) -> None:
    """The variable of one service goes before that of all."""
    found = store_options(
        "s3://b",
        {
            "HOME": str(tmp_path),
            **KEYS,
            "AWS_SESSION_TOKEN": "token",
            "AWS_ENDPOINT_URL": "https://all.example",
            "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9000",
            "AWS_DEFAULT_REGION": "eu-west-1",
        },
    )
    assert found.config == {
        "access_key_id": "me",
        "secret_access_key": "secret",
        "session_token": "token",
        "region": "eu-west-1",
        "endpoint": "http://127.0.0.1:9000",
        "conditional_put": "etag",
    }
    assert found.client["allow_http"] is True


def test_a_server_needs_no_region(tmp_path: Path) -> None:
    """And without an endpoint of http, http is not allowed."""
    found = store_options("s3://b", {"HOME": str(tmp_path), **KEYS})
    assert found.config["region"] == "us-east-1"
    assert "allow_http" not in found.client


def test_a_profile(home: dict[str, str]) -> None:
    """It gives what the variables do not."""
    found = store_options("s3://b", {**home, "AWS_PROFILE": "research", "AWS_REGION": "eu-west-1"})
    assert found.config["access_key_id"] == "of-research"
    assert found.config["endpoint"] == "https://store.example"
    assert found.config["region"] == "eu-west-1"
    assert store_options("s3://b", home).config["access_key_id"] == "of-default"


@pytest.mark.parametrize(
    ("profile", "message"),
    [("unknown", "has such a profile"), ("signing-in", "has no aws_access_key_id")],
)
def test_a_profile_that_cannot_be_used(home: dict[str, str], profile: str, message: str) -> None:
    """What to set instead is said."""
    with pytest.raises(StoreRefused, match=message):
        store_options("s3://b", {**home, "AWS_PROFILE": profile})


def test_a_damaged_file(home: dict[str, str]) -> None:
    """It is named."""
    Path(home["HOME"], ".aws/config").write_text("no section = 1")
    with pytest.raises(StoreRefused, match="config cannot be read as AWS's settings"):
        store_options("s3://b", home)


def test_other_stores_read_their_own_variables() -> None:
    """The library does; nothing of AWS's reaches them."""
    assert store_options("gs://b", KEYS).config == {}
