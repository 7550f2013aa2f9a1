"""`python -m benchmarks`: measure, print the tables, write the results and the plots."""

import signal
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from benchmarks.output import results
from benchmarks.output.figures import Figure
from benchmarks.output.plots import draw
from benchmarks.output.table import part_tables, target_table
from benchmarks.run.environment import ROOT, Environment
from benchmarks.run.machine import Load, machine, versions
from benchmarks.run.parts import MEASURES, Part
from benchmarks.run.sizes import FULL, QUICK, TINY, Sizes
from infra.embedded import EmbeddedStack
from infra.embedded.errors import EmbeddedError
from infra.jars.installation import DEFAULT_FOLDER as JARS
from infra.java import JavaError
from runtime.output import outlive_readers

__all__ = ["main"]

_STATE: Final = ROOT / ".state" / "benchmarks"
_PLOTS: Final = ROOT / "docs" / "benchmarks"
_WIDTH: Final = 120
_RESULTS: Final = Path(__file__).with_name("results")


@dataclass(frozen=True)
class _Plan:
    """What to measure.

    Attributes:
        again: Whether its figures replace those in the project's results.
        whole: Whether it measures everything. Only then are its results the project's; those of
            other runs are raw.
    """

    sizes: Sizes
    parts: tuple[Part, ...]
    cores: int
    only: str
    against: Path | None
    again: bool
    whole: bool


def main(  # noqa: PLR0913  one parameter per option is how typer reads a command line
    *,
    parts: Annotated[list[Part] | None, typer.Argument(help="Only these parts; else all.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Smaller, in five minutes.")] = False,
    tiny: Annotated[bool, typer.Option("--tiny", help="Only to check that it works.")] = False,
    rounds: Annotated[int | None, typer.Option(help="Number of measurements of each.")] = None,
    only: Annotated[str, typer.Option(help="Measure only what has this in its name.")] = "",
    against: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, resolve_path=True, help="A checkout to compare with."
        ),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Update results/latest.json.")] = False,
    cores: Annotated[int, typer.Option(help="Cores for each program that has such a setting.")] = 2,
) -> None:
    """Measure the platform beside its rivals."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if again and (tiny or quick):
        raise typer.BadParameter("--again is for figures of full size")
    sizes = TINY if tiny else QUICK if quick else FULL
    if rounds is not None:
        sizes = sizes.with_rounds(rounds)
    console = Console(highlight=False)
    # A log file has no width, but the tables need one.
    console.width = max(console.width, _WIDTH)
    whole = not (parts or tiny or only or again or against)
    if Part.AGAINST in (parts or ()) and against is None:
        raise typer.BadParameter("the part `against` needs --against CHECKOUT")
    try:
        failures = _run(
            console, _Plan(sizes, tuple(parts or Part), cores, only, against, again, whole)
        )
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except (EmbeddedError, JavaError, OSError) as error:
        typer.echo(f"benchmarks: {error}", err=True)
        raise SystemExit(1) from None
    for failure in failures:
        typer.echo(f"benchmarks: {failure}", err=True)
    raise SystemExit(1 if failures else 0)


def _run(console: Console, plan: _Plan) -> list[str]:
    """Measure part by part; write what has been measured even if a later part fails."""
    is_of_project = plan.whole or plan.again
    file = (_RESULTS if is_of_project else _RESULTS / "raw") / "latest.json"
    before = results.read(file) if plan.again else {}
    if before and before["sizes"] != FULL.name:
        raise typer.BadParameter(
            f"{file.name} is of a {before['sizes']} run; `git checkout {_RESULTS.name}` in "
            f"{_RESULTS.parent} brings the full one back"
        )
    load, figures = Load(), dict[str, Figure]()

    def log(message: str) -> None:
        load.note()
        console.print(message, markup=False)

    about = {
        "sizes": plan.sizes.name,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(ROOT),
        "versions": versions(ROOT),
    }
    with EmbeddedStack(_STATE / "stack", JARS) as stack:
        bench = Environment(
            stack,
            _STATE / "work",
            plan.sizes,
            plan.cores,
            log,
            plan.only,
            against=plan.against,
        )
        for part in plan.parts:
            console.rule(part.value)
            try:
                figures |= MEASURES[part](bench)
            except Exception as failure:  # noqa: BLE001  an hour's work is not lost for one part
                bench.failed(failure)
            now = about | {"load": load.summary()}
            content = (
                results.renewed(before, figures, now)
                if plan.again
                else results.rendered(figures, now)
            )
            results.write(file, content)
    for table in part_tables(figures):
        console.print(table)
    known = results.figures_in(before) | figures
    console.print(target_table(known))
    drawn = draw(known, _PLOTS if is_of_project else file.parent)
    console.print(f"Written: {file}, {', '.join(path.name for path in drawn)}")
    return bench.failures


if __name__ == "__main__":
    outlive_readers()
    typer.run(main)
