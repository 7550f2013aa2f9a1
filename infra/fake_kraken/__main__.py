"""The program: `python -m infra.fake_kraken --port 8090 --fault http-520:times=3`."""

import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from infra.fake_kraken.errors import ReplayError
from infra.fake_kraken.faults.faults import parse_fault
from infra.fake_kraken.market.paced import PacedTape
from infra.fake_kraken.market.recording import DEFAULT_RECORDING, load_recording
from infra.fake_kraken.market.synthetic import synthetic_tapes
from infra.fake_kraken.market.tape import Tape
from infra.fake_kraken.server import LOOPBACK, ReplayServer
from runtime.output import outlive_readers

__all__ = ["main"]

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_MOST_NAMED = 10
_ENDLESS = 10**9
"""More trades than a run will show."""


def main(  # noqa: PLR0913  one parameter per option is how typer reads a command line
    *,
    recording: Annotated[
        list[Path], typer.Option(help="A recorded Trades answer; may be repeated.")
    ] = [DEFAULT_RECORDING],  # noqa: B006  typer copies it
    host: Annotated[str, typer.Option(help="The address to listen on.")] = LOOPBACK,
    port: Annotated[int, typer.Option(help="0 for a free one.")] = 0,
    synthetic: Annotated[
        int,
        typer.Option(help="Serve this many synthetic trades a pair, made from a recording.", min=0),
    ] = 0,
    pairs: Annotated[int, typer.Option(help="Synthetic pairs: SYN1/USDT, ...", min=1)] = 1,
    more_pairs: Annotated[
        int,
        typer.Option(help="Synthetic pairs beside the recorded ones: SYN1/USDT, ...", min=0),
    ] = 0,
    skew: Annotated[
        float,
        typer.Option(
            help="How unequal the synthetic pairs are: the exponent of Zipf's law.", min=0.0
        ),
    ] = 0.0,
    rate: Annotated[
        float | None,
        typer.Option(help="Trades a second and pair; without it all at once.", min=0.001),
    ] = None,
    call_interval: Annotated[
        float | None, typer.Option(help="Minimum seconds between calls for a pair; else no limit.")
    ] = None,
    fault: Annotated[
        list[str], typer.Option(help="Such as cut, or jump:trades=5,after=2,times=always.")
    ] = [],  # noqa: B006  typer copies it
) -> None:
    """Answer as Kraken does, from recorded trades, until Ctrl-C."""
    # Block the signals before the server's thread starts, so that only sigwait below receives them.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
    try:
        tapes = (
            _stretched(recording[0], synthetic, pairs, rate, skew)
            if synthetic
            else [_paced(load_recording(path), rate) for path in recording]
        )
        if more_pairs:
            tapes = [
                *tapes,
                *_stretched(recording[0], synthetic or _ENDLESS, more_pairs, rate or 1.0, skew),
            ]
        faults = [parse_fault(text) for text in fault]
        with ReplayServer(
            tapes, faults=faults, host=host, port=port, call_interval=call_interval
        ) as server:
            typer.echo("\n".join([*_described(tapes), f"KRAKEN_API_URL={server.url}"]))
            typer.echo(f"KRAKEN_WEBSOCKET_URL={server.websocket_url}")
            sys.stdout.flush()
            signal.sigwait(_STOP_SIGNALS)
    except ReplayError as error:
        # `kraken-lake` and its tests call this in their own process, which goes on.
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        typer.echo(f"replay: {error}", err=True)
        raise typer.Exit(1) from error


def _described(tapes: Sequence[Tape]) -> Iterator[str]:
    """Yield a line for the recorded pairs and one for the synthetic ones, if there are any."""
    for kind, synthetic in (("recorded", False), ("synthetic", True)):
        names = [tape.pair.wsname for tape in tapes if tape.synthetic is synthetic]
        if len(names) > _MOST_NAMED:
            names[_MOST_NAMED:] = [f"... {names[-1]} ({len(names)} pairs)"]
        if names:
            yield f"Replaying {kind} trades of {', '.join(names)}"


def _stretched(
    recording: Path, count: int, pairs: int, rate: float | None, skew: float
) -> Sequence[Tape]:
    """Return the synthetic pairs."""
    recorded = load_recording(recording)
    return synthetic_tapes(recorded, count=count, pairs=pairs, rate=rate, skew=skew)


def _paced(tape: Tape, rate: float | None) -> Tape:
    """Return the tape, paced if a rate is given."""
    return tape if rate is None else PacedTape(tape, rate, start=time.time_ns())


if __name__ == "__main__":
    outlive_readers()
    typer.run(main)
