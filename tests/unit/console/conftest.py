"""A small lake, and the pages over it without a server."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from console.app import build_app, build_site
from console.services.inquiry import Inquiry
from console.services.missing_ids import Reasons
from console.settings import ConsoleSettings
from console.web.site import Site
from lake.layout import LakeLayout
from lake.verify.missing_id_reasons import KnownIds
from runtime.errors import KafkaUnreachable
from runtime.settings import KafkaSettings, RegistrySettings
from schemas.errors import RegistryUnavailable
from tests.unit.console.lakes import land, synthetic

BASE_URL = "http://127.0.0.1:8088"
AT = datetime(2026, 1, 30, 18, tzinfo=UTC)
Open = Callable[[LakeLayout], TestClient]


@pytest.fixture
def layout(tmp_path: Path) -> LakeLayout:
    """An empty place for a lake."""
    return LakeLayout(base=tmp_path / "data", exchange="KRAKEN")


@pytest.fixture
def lake(layout: LakeLayout) -> LakeLayout:
    """Two pairs: BTC/USD over three hours with ids 90 to 99 missing, ETH/USD over one."""
    rows = synthetic(1, 200, AT.replace(minute=20), (AT - AT.replace(hour=17)) / 60)
    left = [row for row in rows if not 90 <= row[0] <= 99]
    land(layout, {"BTC/USD": left, "ETH/USD": synthetic(500, 30, AT)})
    return layout


def site_without_services(layout: LakeLayout, known: KnownIds | None = None) -> Site:
    """Pages whose broker and registry are down; the producer's programs answer `known`."""

    def no_broker() -> object:
        raise KafkaUnreachable("no answer from Kafka at nowhere")

    def no_registry() -> object:
        raise RegistryUnavailable("no answer from the registry at nowhere")

    site = build_site(layout, KafkaSettings(), RegistrySettings())
    fakes = {
        "broker": Inquiry(no_broker, 5),
        "reasons": Inquiry(lambda: Reasons(known or KnownIds()), 60),
        "registry": Inquiry(no_registry, 5),
    }
    return Site(view=site.view, topic=site.topic, registry_url=site.registry_url, **fakes)  # type: ignore[arg-type]


@pytest.fixture
def open_pages() -> Iterator[Open]:
    """Opens the pages over a lake."""
    with ExitStack() as opened:

        def opening(layout: LakeLayout, known: KnownIds | None = None) -> TestClient:
            app = build_app(site_without_services(layout, known), ConsoleSettings())
            client = TestClient(app, base_url=BASE_URL, raise_server_exceptions=False)
            return opened.enter_context(client)

        yield opening


@pytest.fixture
def pages(lake: LakeLayout, open_pages: Open) -> TestClient:
    """The pages over the small lake."""
    return open_pages(lake)
