"""The demo: brings recorded Kraken trades through Kafka into a Parquet lake and shows it."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path

from rich.console import Console

from infra.embedded import EmbeddedStack
from infra.local.kraken import Kraken, recorded_kraken
from infra.local.programs import COMPACT, LAND, PRODUCE, REGISTER, accepting
from infra.local.steps import Steps
from infra.local.table import folder_tree, hour_table, step_table
from infra.object_store.server import ObjectStore
from lake.layout import LakeLayout
from lake.read.report import hours, tree
from lake.settings import LakeSettings

__all__ = ["Store", "demo"]

_BUCKET = "demo"


class Store(StrEnum):
    """Where the lake is."""

    DISK = "disk"
    S3 = "s3"


def demo(
    console: Console, kraken: Kraken, state: Path, jars: Path, store: Store = Store.DISK
) -> None:
    """Run each program once, to its end, and show what is in the lake.

    Kafka's state is kept in `state`, so that a second run continues from the first one's cursor
    and finds nothing new. A lake in an object store has a state of its own below, store included.

    Raises:
        EmbeddedError: The broker, the registry or the object store did not start.
        StoreUnavailable: The object store's server cannot be built on this machine.
        ProgramFailed: A program ended with an error.
    """
    in_store = store is Store.S3
    steps = Steps(console, total=6 if in_store else 4)
    if in_store:
        state /= "s3"
    logs = state / "logs"
    landing = LAND.with_arguments("--once", *accepting(state))
    with ExitStack() as at_end:
        environment: dict[str, str] = {}
        if kraken is Kraken.REPLAY:
            environment |= at_end.enter_context(recorded_kraken())
        if in_store:
            with steps.step("an object store starts"):
                at_end.enter_context(_object_store(state, jars))
        with steps.step("Kafka and a schema registry start"):
            stack = at_end.enter_context(EmbeddedStack(state / "embedded", jars))
            environment |= stack.env()
        with steps.step("schemas are registered"):
            REGISTER.run(environment, logs)
        with steps.step("trades go from Kraken to Kafka"):
            PRODUCE.with_arguments("--until-caught-up").run(environment, logs)
        with steps.step("Spark lands them in the lake"):
            landing.run(environment, logs)
        if in_store:
            # There, who lists files sees the hours that have been compacted.
            with steps.step("the files of past hours are merged"):
                COMPACT.run(environment, logs)
        _show(console, steps, LakeSettings().layout)


@contextmanager
def _object_store(state: Path, jars: Path) -> Iterator[None]:
    """Run a store, and point this process and its children to a lake in it."""
    with ObjectStore(state / "object-store", jars) as running:
        running.make_bucket(_BUCKET)
        os.environ.update(running.env(), BASE_OUTPUT_PATH=f"s3://{_BUCKET}/lake")
        yield


def _show(console: Console, steps: Steps, layout: LakeLayout) -> None:
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
