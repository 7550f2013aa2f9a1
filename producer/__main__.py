"""`python -m producer`: records Kraken's trades in Kafka."""

import sys
from typing import Annotated

import typer
from pydantic import ValidationError

from producer.bootstrap import record_trades
from producer.errors import ProducerError
from producer.kraken.errors import KrakenError
from producer.logs import configure_logs
from producer.settings import Settings
from producer.stopping import StopRequest
from schemas.errors import SchemasError
from schemas.settings import told

app = typer.Typer(add_completion=False)

UntilCaughtUp = Annotated[
    bool, typer.Option("--until-caught-up", help="End when Kraken has no more, not on a signal.")
]


@app.callback(invoke_without_command=True)
def record(context: typer.Context, *, until_caught_up: UntilCaughtUp = False) -> None:
    """Record the trades of KRAKEN_PAIR in Kafka until SIGTERM or Ctrl-C."""
    if context.invoked_subcommand is None:
        settings, stop = Settings.read(), StopRequest()
        configure_logs(settings.producer.log_format, settings.producer.log_level)
        stop.on_signals()
        record_trades(settings, stop, until_caught_up=until_caught_up)


if __name__ == "__main__":
    try:
        app()
    except ValidationError as error:
        sys.exit(f"producer: {told(error)}")
    except (ProducerError, KrakenError, SchemasError) as error:
        sys.exit(f"producer: {error}")
