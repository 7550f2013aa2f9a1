"""`python -m console`: serves the lake's pages."""

import os
import socket
from collections.abc import Callable
from typing import Final

import typer
import uvicorn
from pydantic import ValidationError

from console.app import build_app, build_site
from console.settings import ConsoleSettings
from lake.errors import LakeError
from lake.settings import LakeSettings
from runtime.output import outlive_readers
from runtime.settings import KafkaSettings, RegistrySettings, validation_message

__all__ = ["app", "main"]

_NICE: Final = 10
"""How far the pages step back behind the stream when the processor is busy."""

app = typer.Typer(add_completion=False)


@app.command()
def console() -> None:
    """Serve the lake's pages at CONSOLE_HOST and CONSOLE_PORT until Ctrl-C; read-only."""
    settings = ConsoleSettings()
    site = build_site(LakeSettings().layout, KafkaSettings(), RegistrySettings())
    os.nice(_NICE)
    listening = _listen(settings)
    host = "127.0.0.1" if settings.host == "0.0.0.0" else settings.host  # noqa: S104 - shown only
    typer.echo(f"The lake's pages are at http://{host}:{settings.port}/")
    config = uvicorn.Config(
        build_app(site, settings),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    uvicorn.Server(config).run(sockets=[listening])


def _listen(settings: ConsoleSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen()
    except OSError as error:
        listening.close()
        typer.echo(
            f"console: {settings.host}:{settings.port} cannot be listened at: {error.strerror}. "
            "Set CONSOLE_PORT to a free port.",
            err=True,
        )
        raise typer.Exit(1) from error
    return listening


def main(command: Callable[[], object] = app) -> None:
    """Run the command; print a failure as a message, without a traceback."""
    try:
        command()
    except ValidationError as error:
        typer.echo(f"console: {validation_message(error)}", err=True)
        raise SystemExit(1) from None
    except LakeError as error:
        typer.echo(f"console: {error}", err=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    outlive_readers()
    main()
