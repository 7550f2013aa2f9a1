"""The commands of `kraken-lake`: their names, their help texts, and the programs they start."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cli import programs
from cli.programs import Run

__all__ = ["COMMANDS", "Command"]

_RECORD: Final = "Record Kraken's trades in Kafka"
_LAND: Final = "Land them in the lake"
_LAKE: Final = "Read and check the lake"
_CONTRACT: Final = "Schemas"
_HERE: Final = "The whole platform on this machine"


@dataclass(frozen=True)
class Command:
    """One command.

    Attributes:
        name: What the user types.
        summary: Its line in `kraken-lake --help`. `kraken-lake NAME --help` shows the program's
            own help.
        panel: The heading above that line.
        load: Imports the program and returns a function that runs it.
        extras: The project's extras that the program needs, separated by commas.
    """

    name: str
    summary: str
    panel: str
    load: Callable[[str], Run]
    extras: str = ""

    @property
    def distribution(self) -> str:
        """What to install for this command."""
        return f"kraken-lake[{self.extras}]" if self.extras else "kraken-lake"


def _recording(name: str, summary: str) -> Command:
    return Command(name, summary, _RECORD, programs.producer_command, "producer")


def _lake(name: str, summary: str, panel: str = _LAKE) -> Command:
    return Command(name, summary, panel, programs.lake_command, "lake")


def _local(name: str, summary: str, extras: str = "producer,spark,lake,infra") -> Command:
    return Command(name, summary, _HERE, programs.local_command, extras)


COMMANDS: Final = (
    Command(
        "record", "Record the trades of KRAKEN_PAIR.", _RECORD, programs.record, extras="producer"
    ),
    Command(
        "backfill",
        "Record the trades of a time span in the past.",
        _RECORD,
        programs.backfill,
        extras="producer",
    ),
    _recording("accept-new-book", "Record a relisted market under a new symbol."),
    _recording("pairs", "Show the pairs that cannot be recorded, and why."),
    _recording("gaps", "Show missing trade ids that Kraken is asked for."),
    _recording("holes", "Show trade ids that Kraken itself does not have."),
    _recording("dead-letters", "Show rows from Kraken that are no valid trade."),
    _recording("candles", "Show Kraken's own candles of the last twelve hours."),
    _recording("offsets", "Show the id and the offsets of KAFKA_TOPIC."),
    _recording("decode", "Show which trades Avro values from stdin hold."),
    Command(
        "stream", "Land the topic's trades with Spark.", _LAND, programs.stream, extras="spark"
    ),
    _lake("quarantine", "List, show and replay records in quarantine.", _LAND),
    _lake("reread", "Land a range of commits from Kafka again.", _LAND),
    _lake("report", "Show trades, ids and volume by symbol and hour."),
    _lake("verify", "Prove that the lake is whole."),
    _lake("compact", "Make one file of the many of each closed hour."),
    _lake("retire", "Remove old hours for good, and keep their proof."),
    _lake("files", "List the files that make up the lake."),
    _lake("schema", "Show the columns of the lake's files."),
    _lake("tables", "Keep a Delta table over the lake's files."),
    Command(
        "console",
        "Show the lake in a browser.",
        _LAKE,
        programs.console,
        extras="producer,lake,console",
    ),
    Command(
        "schemas", "List, check, register and compare the schemas.", _CONTRACT, programs.schemas
    ),
    _local("demo", "Land recorded trades in a lake, end to end."),
    _local(
        "run",
        "Keep the whole pipeline going until Ctrl-C.",
        "producer,spark,lake,console,infra",
    ),
    Command(
        "embedded", "Run Kafka and a schema registry without Docker.", _HERE, programs.embedded
    ),
    Command(
        "fake-kraken",
        "Run a stand-in for Kraken that replays trades.",
        _HERE,
        programs.fake_kraken,
        extras="producer,infra",
    ),
    Command(
        "monitor",
        "Ask the services, watch how the stream keeps up.",
        _HERE,
        programs.monitor,
        extras="producer,lake",
    ),
)
