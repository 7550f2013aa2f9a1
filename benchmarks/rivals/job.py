"""The job of a rival's program. Imports only the standard library: some run elsewhere."""

import json
import sys
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

__all__ = ["Job"]


@dataclass(frozen=True)
class Job:
    """A topic to land, and the folder to land it in.

    Attributes:
        servers: Kafka's bootstrap servers.
        registry: URL of the Confluent-compatible API.
        topic: A topic of framed Avro.
        work: The program's own folder.
        records: End after this many records. None: run until stopped, which only programs on Spark
            are asked to do.
        batch: Maximum records to take at once, if the program has such a setting; None: no limit.
    """

    servers: str
    registry: str
    topic: str
    work: str
    records: int | None = None
    batch: int | None = None

    @property
    def output(self) -> Path:
        """The folder for its files."""
        return Path(self.work, "data")

    @property
    def checkpoint(self) -> Path:
        """The folder for its progress."""
        return Path(self.work, "checkpoint")

    @property
    def progress(self) -> Path:
        """For programs that write no files: lines of JSON, see `benchmarks.run.timeline`."""
        return Path(self.work, "progress.jsonl")

    @property
    def started(self) -> Path:
        """Written by programs that leave no other sign of their first poll."""
        return Path(self.work, "started")

    @property
    def subject(self) -> str:
        """The registry's subject for the topic's values."""
        return f"{self.topic}-value"

    def newest_schema(self) -> str:
        """The text of the subject's newest version, as a user would paste it into the program."""
        url = f"{self.registry}/subjects/{self.subject}/versions/latest"
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - the bench's own
            text: str = json.load(answer)["schema"]
        return text

    def as_argument(self) -> str:
        """Return the argument for the program."""
        return json.dumps(asdict(self))

    @classmethod
    def from_argument(cls) -> Self:
        """Return the job that this program was started with."""
        return cls(**json.loads(sys.argv[1]))
