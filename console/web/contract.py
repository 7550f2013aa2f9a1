"""The page of the contract, and the page of the quarantine."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from console.services.contract import records
from console.web.site import Site, site_of
from lake.read.quarantine import count_by_reason
from lake.read.quarantine import records as quarantined

__all__ = ["contract_content", "contract_page", "quarantine_content", "quarantine_page"]

_SAMPLES = 20


def contract_page(request: Request) -> Response:
    """Show subjects, versions, fields and what changed between versions."""
    site = site_of(request)
    return site.render(request, "contract.html", contract_content(site))


def contract_content(site: Site) -> dict[str, object]:
    """Return what the page is made from."""
    return {
        "records": records(site.topic),
        "registry": site.registry.answer(),
        "registry_url": site.registry_url,
    }


def quarantine_page(request: Request) -> Response:
    """Show records that could not become trades: counts by reason, and samples of one reason."""
    site = site_of(request)
    site.view.require_lake()
    content = quarantine_content(site, request.query_params.get("reason") or None)
    return site.render(request, "quarantine.html", content)


def quarantine_content(site: Site, reason: str | None = None) -> dict[str, object]:
    """Return what the page is made from: samples of one reason, or of all."""
    layout = site.view.index.layout

    def read(names: Sequence[str]) -> dict[str, object]:
        return {
            "reasons": count_by_reason(layout, names),
            "reason": reason,
            "samples": quarantined(layout, reason=reason, limit=_SAMPLES, names=names),
        }

    return site.view.read_quarantine(read)
