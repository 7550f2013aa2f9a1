"""The replay server in a thread of its own, which runs as long as a `with` block."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from aiohttp import web

from infra.fake_kraken.errors import ServerNotStarted
from infra.fake_kraken.faults.fault_plan import FaultPlan
from infra.fake_kraken.faults.faults import Fault, FaultKind
from infra.fake_kraken.market.recording import DEFAULT_RECORDING, load_recording
from infra.fake_kraken.market.shown import Shown
from infra.fake_kraken.market.tape import Tape
from infra.fake_kraken.web.app import KrakenStandIn
from infra.fake_kraken.web.live import WEBSOCKET_PATH

__all__ = ["LOOPBACK", "ReplayServer"]

LOOPBACK: Final = "127.0.0.1"


class ReplayServer:
    """Answers as Kraken does, by default on a loopback port.

    Args:
        recording: The path of a recorded Trades answer, or the tapes to serve, one per pair.
        faults: Faults to arm at the start.
        host: The address to listen on.
        port: 0 for a free one.
        call_interval: Minimum seconds between two Trades calls for one pair; None for no rate
            limit.
        keep_shown: Whether to keep each trade that an endpoint shows, which takes memory.

    Attributes:
        plan: The faults; `plan.add` arms more while the server runs.
        shown: The trades that any endpoint showed; empty without `keep_shown`.

    Raises:
        RecordingInvalid: The recording cannot be read.
    """

    def __init__(  # noqa: PLR0913  the options of a server
        self,
        recording: Path | Sequence[Tape] = DEFAULT_RECORDING,
        *,
        faults: Iterable[Fault] = (),
        host: str = LOOPBACK,
        port: int = 0,
        call_interval: float | None = None,
        keep_shown: bool = False,
    ) -> None:
        tapes = [load_recording(recording)] if isinstance(recording, Path) else recording
        self.plan = FaultPlan(faults)
        self.shown = Shown()
        self._stand_in = KrakenStandIn(
            tapes, self.plan, call_interval, self.shown if keep_shown else None
        )
        self._host = host
        self._port = port
        self._listening: Future[int] = Future()
        self._stop = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="replay", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The value for KRAKEN_API_URL. The server must have been started."""
        return f"http://{self._host}:{self._listening.result()}"

    @property
    def websocket_url(self) -> str:
        """The value for KRAKEN_WEBSOCKET_URL. The server must have been started."""
        return f"ws://{self._host}:{self._listening.result()}{WEBSOCKET_PATH}"

    @property
    def calls(self) -> Counter[str]:
        """How often each endpoint has been called; `v2` is the WebSocket."""
        return self._stand_in.calls

    def list_pair(self, tape: Tape) -> None:
        """List one more pair from now on."""
        self._stand_in.list_pair(tape)

    def delist(self, name: str) -> None:
        """Let no endpoint know the pair of this name any more."""
        self.plan.add([Fault(kind=FaultKind.DELISTED, pair=name, times="always")])

    def real_holes(self, rest_name: str) -> list[int]:
        """Return the ids of a pair that no endpoint ever shows."""
        return self._stand_in.real_holes(rest_name)

    def start(self) -> None:
        """Start the server, and return when it answers calls.

        Raises:
            ServerNotStarted: The port is taken, or may not be used.
        """
        self._thread.start()
        self._listening.result()

    def stop(self) -> None:
        """Stop the server, and return when the port is free."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()
            self._loop = None

    def _run(self) -> None:
        """Run the server on the thread."""
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        """Serve until stopped."""
        runner = web.AppRunner(self._stand_in.application(), access_log=None, shutdown_timeout=0.1)
        try:
            await runner.setup()
            await web.TCPSite(runner, self._host, self._port).start()
            self._loop = asyncio.get_running_loop()
            self._listening.set_result(runner.addresses[0][1])
            await self._stop.wait()
        except OSError as error:
            self._listening.set_exception(
                ServerNotStarted(
                    f"cannot listen on {self._host}:{self._port} ({error}); try --port 0"
                )
            )
        finally:
            await runner.cleanup()
