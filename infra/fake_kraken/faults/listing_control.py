"""`/_replay/pairs`: lists and delists pairs of a running server over HTTP."""

import json
from collections.abc import Callable
from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from infra.fake_kraken.faults.fault_plan import FaultPlan
from infra.fake_kraken.faults.faults import Fault, FaultKind
from infra.fake_kraken.market.recording import DEFAULT_RECORDING, load_recording
from infra.fake_kraken.market.synthetic import synthetic_tape
from infra.fake_kraken.market.tape import Tape

__all__ = ["PAIRS_PATH", "ListingControl"]

PAIRS_PATH = "/_replay/pairs"


class NewPair(BaseModel):
    """A synthetic pair to list: `{"base": "NEW", "quote": "USD", "rate": 2}`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base: Annotated[str, Field(min_length=1)]
    quote: Annotated[str, Field(min_length=1)] = "USD"
    rate: Annotated[float, Field(gt=0)] = 1.0
    """Trades a second, from now on."""
    count: Annotated[int, Field(ge=1)] = 10**6
    """The total number of its trades."""


class ListingControl:
    """Lists a synthetic pair, or delists any pair.

    Args:
        plan: The faults; a delisted pair is one of them, and clearing the faults lists it again.
        list_pair: Lists a tape.
    """

    def __init__(self, plan: FaultPlan, list_pair: Callable[[Tape], None]) -> None:
        self._plan = plan
        self._list_pair = list_pair

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to an application."""
        return [web.post(PAIRS_PATH, self.add), web.delete(PAIRS_PATH, self.remove)]

    async def add(self, request: web.Request) -> web.Response:
        """POST: list a pair, from its first trade on."""
        try:
            new = NewPair.model_validate(json.loads(await request.text()))
        except (ValueError, ValidationError) as error:
            raise web.HTTPBadRequest(text=f"{error}\n") from error
        recording = load_recording(DEFAULT_RECORDING)
        self._list_pair(
            synthetic_tape(recording, new.base, new.quote, count=new.count, rate=new.rate)
        )
        return web.Response(status=201)

    async def remove(self, request: web.Request) -> web.Response:
        """DELETE: delist the pair that `pair` names."""
        name = request.query.get("pair", "")
        if not name:
            raise web.HTTPBadRequest(text="name a pair: ?pair=NEWUSD\n")
        self._plan.add([Fault(kind=FaultKind.DELISTED, pair=name, times="always")])
        return web.Response(status=204)
