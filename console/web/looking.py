"""A lake in an object store is followed closely only while somebody looks at a page."""

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from console.lake_view.view import LakeView

__all__ = ["LookedAt"]


class LookedAt:
    """A page that tells the view of the lake when somebody looks at it.

    Args:
        app: the page.
        view: the lake.
    """

    def __init__(self, app: ASGIApp, view: LakeView) -> None:
        self._app, self._view = app, view

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, from a lake that is up to date."""
        await run_in_threadpool(self._view.look)
        await self._app(scope, receive, send)
