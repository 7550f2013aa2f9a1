"""What all pages share: the lake, the services, the templates, and the line about its state."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse

from console.lake_view.view import LakeView
from console.services.broker import BrokerReading
from console.services.contract import Registered
from console.services.inquiry import Inquiry
from console.services.missing_ids import Reasons
from console.web import values
from console.web.links import PageLinks
from console.web.templates import make_environment
from runtime.clock import utc_now

__all__ = ["STALE_AFTER", "Site", "site_of"]

STALE_AFTER: Final = 60.0
"""Seconds without a commit after which the pages say that nothing lands."""


@dataclass(frozen=True)
class Site:
    """What pages are made from.

    Attributes:
        view: the lake.
        topic: the topic that it is filled from.
        registry_url: where the registry is.
        broker: asks Kafka.
        reasons: asks the producer's programs why ids are missing.
        registry: asks the registry.
    """

    view: LakeView
    topic: str
    registry_url: str
    broker: Inquiry[BrokerReading]
    reasons: Inquiry[Reasons]
    registry: Inquiry[list[Registered]]

    def known_reasons(self) -> Reasons:
        """Return what is known of missing ids now, without waiting."""
        return self.reasons.answer(patience=0).value or Reasons()

    def status(self) -> dict[str, str]:
        """Describe the lake's state: `kind` is ok, empty, stale or broken; `text` a sentence."""
        index = self.view.index
        if index.fault:
            return {
                "kind": "broken",
                "text": f"The commit log cannot be read further: {index.fault} What is shown is "
                f"the lake as of commit {index.number}.",
            }
        if index.newest is None:
            return {"kind": "empty", "text": "Nothing has landed yet."}
        behind = utc_now() - index.newest.committed_at
        if behind.total_seconds() > STALE_AFTER:
            return {
                "kind": "stale",
                "text": f"Nothing has landed for {values.age(behind)}. If the pipeline should be "
                "running, its page shows where it stands still.",
            }
        return {"kind": "ok", "text": ""}

    def render(
        self, request: Request, template: str, content: Mapping[str, object], status: int = 200
    ) -> HTMLResponse:
        """Render a page from what its template needs."""
        page = _pages().get_template(template)
        now = utc_now()
        html = page.render(
            **content,
            path=request.url.path,
            exchange=self.view.index.layout.exchange,
            commit=self.view.index.number,
            status=self.status(),
            now=now,
        )
        return HTMLResponse(html, status)


def site_of(request: Request) -> Site:
    """Return the site that a request is for."""
    site: Site = request.app.state.site
    return site


@cache
def _pages() -> jinja2.Environment:
    return make_environment(PageLinks())
