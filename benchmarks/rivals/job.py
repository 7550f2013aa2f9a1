"""What a rival's program is told. Imports Python's own alone: some run in another environment."""

import json
import sys
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

__all__ = ["Job"]


@dataclass(frozen=True)
class Job:
    """Land this topic in that folder.

    Attributes:
        servers: Of Kafka.
        registry: URL of the Confluent-compatible API.
        topic: Filled with framed Avro.
        work: A folder of the program's own.
        records: End when so many have landed; None: land on until told to stop, which only programs
            on Spark are asked for.
        batch: The most records that are taken at once, where that can be told; None: no limit.
    """

    servers: str
    registry: str
    topic: str
    work: str
    records: int | None = None
    batch: int | None = None

    @property
    def output(self) -> Path:
        """Where its files go."""
        return Path(self.work, "data")

    @property
    def checkpoint(self) -> Path:
        """Where it keeps how far it has come."""
        return Path(self.work, "checkpoint")

    @property
    def progress(self) -> Path:
        """For programs that write no files: lines of JSON, see `benchmarks.run.timeline`."""
        return Path(self.work, "progress.jsonl")

    @property
    def started(self) -> Path:
        """Made by programs that leave no other sign of their first look for records."""
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

    def told(self) -> str:
        """Return the argument for the program."""
        return json.dumps(asdict(self))

    @classmethod
    def asked(cls) -> Self:
        """Return the job that this program was started with."""
        return cls(**json.loads(sys.argv[1]))
