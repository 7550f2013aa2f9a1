"""Serves a program's metrics on its port, and never stands in the way of the program."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from wsgiref.simple_server import WSGIServer

import structlog
from prometheus_client import start_http_server

from runtime.metrics import Metrics, MetricsSettings

__all__ = ["serving"]

log = structlog.get_logger(__name__)

_TRY_AGAIN_AFTER: Final = 5.0


@contextmanager
def serving(
    metrics: Metrics, settings: MetricsSettings, *, try_again_after: float = _TRY_AGAIN_AFTER
) -> Iterator[None]:
    """Serve metrics on METRICS_HOST and METRICS_PORT during a `with` block.

    A port that cannot be had is no reason to stop: it is logged, and tried again until the end of
    the block. So a producer that takes over from another gets the port when the other ends.

    Args:
        metrics: What is served.
        settings: Where.
        try_again_after: Seconds between two attempts to get the port.
    """
    ended = threading.Event()
    server = _started(metrics, settings, advice=f"trying again every {try_again_after:g} s")
    held = [server] if server else []

    def wait_for_port() -> None:
        while not held and not ended.wait(try_again_after):
            if late := _started(metrics, settings):
                held.append(late)

    waiting = threading.Thread(target=wait_for_port, name="metrics", daemon=True)
    waiting.start()
    try:
        yield
    finally:
        ended.set()
        waiting.join()
        for one in held:
            one.shutdown()
            one.server_close()


def _started(metrics: Metrics, settings: MetricsSettings, advice: str = "") -> WSGIServer | None:
    """Start the server; None if the port cannot be had, which is logged if there is advice."""
    host, port = settings.host, settings.port or 0
    try:
        server, _ = start_http_server(port, addr=host, registry=metrics.registry)
    except OSError as error:
        if advice:
            log.warning(
                "metrics_not_served",
                address=f"{host}:{port}",
                because=error.strerror or str(error),
                advice=f"the program runs without them, {advice}; each program on one machine "
                "needs a METRICS_PORT of its own",
            )
        return None
    log.info("metrics_served", address=f"http://{host}:{port}/metrics")
    return server
