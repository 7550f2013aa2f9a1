"""`/_replay/faults`: sets the faults of a running server over HTTP."""

import json

from aiohttp import web

from infra.fake_kraken.errors import FaultInvalid
from infra.fake_kraken.faults.fault_plan import FaultPlan
from infra.fake_kraken.faults.faults import read_fault

__all__ = ["FAULTS_PATH", "FaultControl"]

FAULTS_PATH = "/_replay/faults"


class FaultControl:
    """Lists, adds and clears the faults of a plan over HTTP."""

    def __init__(self, plan: FaultPlan) -> None:
        self._plan = plan

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to an application."""
        return [
            web.get(FAULTS_PATH, self.list_faults),
            web.post(FAULTS_PATH, self.add_faults),
            web.delete(FAULTS_PATH, self.clear_faults),
        ]

    async def list_faults(self, _: web.Request) -> web.Response:
        """GET: each fault with how often it has struck."""
        return web.json_response(
            [
                armed.fault.model_dump(mode="json") | {"fired": armed.fired}
                for armed in self._plan.armed
            ]
        )

    async def add_faults(self, request: web.Request) -> web.Response:
        """POST: one fault, or a list of them, as JSON: `{"kind": "cut", "times": 2}`."""
        try:
            sent = json.loads(await request.text())
            faults = [read_fault(one) for one in (sent if isinstance(sent, list) else [sent])]
        except (ValueError, FaultInvalid) as error:
            raise web.HTTPBadRequest(text=f"{error}\n") from error
        self._plan.add(faults)
        return web.Response(status=201)

    async def clear_faults(self, _: web.Request) -> web.Response:
        """DELETE: disarm all faults. Trades that a hole removed stay missing."""
        self._plan.clear()
        return web.Response(status=204)
