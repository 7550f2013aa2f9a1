"""The demo: brings recorded Kraken trades through Kafka into a Parquet lake and shows it."""

from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from infra.embedded import EmbeddedStack
from infra.local.kraken import Kraken, recorded_kraken
from infra.local.programs import LAND, PRODUCE, REGISTER, accepting
from infra.local.steps import Steps
from infra.local.table import folder_tree, hour_table, step_table
from lake.read.report import hours, tree
from lake.settings import LakeSettings

__all__ = ["demo"]


def demo(console: Console, kraken: Kraken, state: Path, jars: Path) -> None:
    """Run each program once, to its end, and show what is in the lake.

    Kafka's state is kept in `state`, so that a second run continues from the first one's cursor
    and finds nothing new.

    Raises:
        EmbeddedError: The broker or the registry did not start.
        ProgramFailed: A program ended with an error.
    """
    steps = Steps(console, total=4)
    logs = state / "logs"
    landing = LAND.with_arguments("--once", *accepting(state))
    with ExitStack() as at_end:
        environment: dict[str, str] = {}
        if kraken is Kraken.REPLAY:
            environment |= at_end.enter_context(recorded_kraken())
        with steps.step("Kafka and a schema registry start"):
            stack = at_end.enter_context(EmbeddedStack(state / "embedded", jars))
            environment |= stack.env()
        with steps.step("schemas are registered"):
            REGISTER.run(environment, logs)
        with steps.step("trades go from Kraken to Kafka"):
            PRODUCE.with_arguments("--until-caught-up").run(environment, logs)
        with steps.step("Spark lands them in the lake"):
            landing.run(environment, logs)
    _show(console, steps)


def _show(console: Console, steps: Steps) -> None:
    layout = LakeSettings().layout
    summaries = hours(layout)
    console.print(folder_tree(str(layout.trades), tree(layout)), highlight=False)
    console.print(hour_table(summaries))
    for symbol in sorted({hour.symbol for hour in summaries}):
        of_symbol = [hour for hour in summaries if hour.symbol == symbol]
        console.print(
            f"{sum(hour.trades for hour in of_symbol)} trades of {symbol}, "
            f"ids {min(hour.first_id for hour in of_symbol)} "
            f"to {max(hour.last_id for hour in of_symbol)}",
            highlight=False,
        )
    console.print(step_table(steps.taken))
    total = sum(seconds for _, seconds in steps.taken)
    console.print(f"The demo took {total:.0f} s.", highlight=False)
