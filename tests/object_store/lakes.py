"""A lake on a real S3 server, as fixtures: import the names to use them."""

from collections.abc import Iterator

import pytest

from infra.object_store.proxy import StoreProxy
from infra.object_store.server import ObjectStore
from lake.layout import LakeLayout
from lake.settings import LakeSettings
from lake.storage import object_client, store_settings

__all__ = ["fresh_clients", "layout", "proxy"]


@pytest.fixture(autouse=True)
def fresh_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    """No client of an earlier test, and a store that is gone is given up soon."""
    monkeypatch.setattr(object_client, "_CLIENTS", {})
    monkeypatch.setitem(store_settings.RETRIES, "max_retries", 2)
    monkeypatch.setattr(object_client, "_PAUSE", 0.01)


@pytest.fixture
def layout(bucket: str, monkeypatch: pytest.MonkeyPatch) -> LakeLayout:
    """An empty lake on the server, where the settings point to."""
    monkeypatch.setenv("BASE_OUTPUT_PATH", f"s3://{bucket}/some/lake")
    return LakeSettings().layout


@pytest.fixture
def proxy(
    object_store: ObjectStore, layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> Iterator[StoreProxy]:
    """Counts the requests to the lake's server, and may bring faults."""
    with StoreProxy(object_store.endpoint) as before:
        monkeypatch.setenv("AWS_ENDPOINT_URL", before.endpoint)
        assert layout.is_on_store
        yield before
