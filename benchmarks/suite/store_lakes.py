"""The lakes that the bench lands in: in a folder, in an object store, and a rival's table there."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from benchmarks.rivals.job import Job
from benchmarks.run.candidates import ICEBERG_SINK, OURS, Candidate
from benchmarks.run.timeline import Timeline, of_snapshots
from infra.object_store.server import ObjectStore
from lake.layout import LakeLayout
from lake.log.commit import Commit
from lake.log.commit_log import CommitLog
from lake.storage.object_client import client_for
from lake.storage.object_path import lake_path

__all__ = ["StoreLake"]

_BUCKET: Final = "bench"


@dataclass(frozen=True)
class StoreLake:
    """Where a landing goes.

    Attributes:
        where: In the results: disk, s3, counted.
        store: The store; None for a folder on disk.
        endpoint: Of a proxy before the store.
    """

    where: str
    store: ObjectStore | None = None
    endpoint: str = ""

    def layout(self, job: Job) -> LakeLayout:
        """Return the lake of a job."""
        place = job.output if self.store is None else f"s3://{_BUCKET}/{self.where}"
        return LakeLayout(lake_path(place), "KRAKEN")

    def base_on_disk(self, output: Path) -> Path:
        """Return the folder of this machine that its files are in, also behind the store.

        Args:
            output: The job's folder, for a lake that is not in the store.
        """
        return output if self.store is None else self.store.objects / _BUCKET / self.where

    def commits(self, job: Job) -> list[Commit]:
        """Return what has landed."""
        return [one for one in CommitLog(self.layout(job).commits).commits() if one.rows]

    def empty(self, _: Path) -> None:
        """Remove what an earlier landing left in the store."""
        if self.store is None:
            return
        self.store.make_bucket(_BUCKET)
        # By requests: the server keeps what it knows about an object apart from its content.
        client = client_for(f"s3://{_BUCKET}")
        client.delete(one.key for one in client.list(self.where))

    def stream(self) -> Candidate:
        """Return the stream, landing here. It is timed by its commits."""
        return replace(
            OURS,
            name=f"ours_on_{self.where}",
            environment=lambda job: {
                **OURS.environment(job),
                "BASE_OUTPUT_PATH": str(self.layout(job).base),
                **({"AWS_ENDPOINT_URL": self.endpoint} if self.endpoint else {}),
            },
            timeline=lambda job: Timeline.adding(
                (one.committed_at.timestamp(), one.rows) for one in self.commits(job)
            ),
            signs_of_work=lambda job: list(self.layout(job).checkpoints.glob("*/offsets/0")),
        )

    def iceberg_sink(self) -> Candidate:
        """Return Iceberg's sink, landing in the store; its metadata is read from this machine."""

        def table(job: Job) -> Path:
            return self.base_on_disk(job.output) / "bench" / "trades"

        warehouse = f"s3://{_BUCKET}/{self.where}"
        return replace(
            ICEBERG_SINK,
            name=f"iceberg_sink_on_{self.where}",
            command=lambda job, cores: [
                *ICEBERG_SINK.command(job, cores),
                *("--warehouse", warehouse),
            ],
            timeline=lambda job: of_snapshots(table(job)),
            signs_of_work=lambda job: list(table(job).glob("metadata/*.metadata.json")),
        )
