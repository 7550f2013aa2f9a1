"""What happens if a connection fails or breaks."""

import asyncio
from dataclasses import replace
from http import HTTPStatus

import pytest
import structlog
from websockets.asyncio.server import Request, Response, ServerConnection, serve

from producer.kraken.websocket.connection import Connection
from producer.model.venue_errors import RequestRefused, VenueError
from tests.unit.producer.kraken.websocket.conftest import (
    BTC,
    NOW,
    PATIENCE_SECONDS,
    QUICK,
    Listener,
    kraken_that,
    two_breaks,
)


@pytest.mark.parametrize(
    ("status", "error"),
    [(HTTPStatus.NOT_FOUND, RequestRefused), (HTTPStatus.BAD_GATEWAY, None)],
)
def test_an_answer_that_is_no_websocket_is_judged_by_its_status(
    status: HTTPStatus, error: type[VenueError] | None
) -> None:
    """A wrong address stays wrong; a server in trouble may recover."""

    def answer(socket: ServerConnection, _: Request) -> Response:
        return socket.respond(status, "no")

    async def run() -> None:
        listener = Listener()
        async with serve(lambda _: asyncio.sleep(0), "127.0.0.1", 0, process_request=answer) as it:
            url = f"ws://127.0.0.1:{it.sockets[0].getsockname()[1]}/v2"
            running = asyncio.create_task(
                Connection([BTC], replace(QUICK, url=url), listener.hand_over, lambda: NOW).run()
            )
            watching = asyncio.ensure_future(two_breaks(listener))
            async with asyncio.timeout(PATIENCE_SECONDS):
                await asyncio.wait([running, watching], return_when=asyncio.FIRST_COMPLETED)
            watching.cancel()
            if running.done():
                running.result()
            running.cancel()

    if error is None:
        asyncio.run(run())
    else:
        with pytest.raises(error, match=r"404.*KRAKEN_WEBSOCKET_URL"):
            asyncio.run(run())


@pytest.mark.parametrize(
    ("stable_after", "wait_ids"), [(0.0, {1}), (60.0, {1, 2})], ids=["stable", "flapping"]
)
def test_only_a_connection_that_held_starts_over_with_the_first_wait(
    stable_after: float, wait_ids: set[int]
) -> None:
    """After each immediate break the wait is longer."""

    async def talk(socket: ServerConnection) -> None:
        await socket.close(1001)

    settings = replace(QUICK, first_wait=0.1, longest_wait=10.0, stable_after=stable_after)
    with structlog.testing.capture_logs() as lines:

        async def run() -> None:
            listener = Listener()
            async with asyncio.timeout(PATIENCE_SECONDS), kraken_that(talk) as url:
                running = asyncio.create_task(
                    Connection(
                        [BTC], replace(settings, url=url), listener.hand_over, lambda: NOW
                    ).run()
                )
                await two_breaks(listener)
                running.cancel()

        asyncio.run(run())
    waits = {1 if line["retry_in"] < 0.15 else 2 for line in lines}
    assert waits == wait_ids
