"""The lakes that the bench lands in: in a folder, in an object store, and a rival's table there."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.rivals.job import Job
from benchmarks.run.candidates import ICEBERG_SINK, OURS, Candidate
from benchmarks.run.timeline import Timeline, of_snapshots
from infra.object_store.server import ObjectStore
from lake.layout import LakeLayout
from lake.log.commit import Commit
from lake.log.commit_log import CommitLog
from lake.storage.object_client import client_for
from lake.storage.object_path import lake_path

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BUCKET", "StoreLake", "iceberg_sink"]

BUCKET: Final = "bench"


@dataclass(frozen=True)
class StoreLake:
    """Where a landing goes.

    Attributes:
        where: In the results: disk, s3, counted.
        store: The store; None for a folder on disk.
        endpoint: Of a proxy before the store.
        kind: Returns the program that lands there.
    """

    where: str
    store: ObjectStore | None = None
    endpoint: str = ""
    kind: "Callable[[StoreLake], Candidate]" = lambda lake: lake.stream()

    def layout(self, job: Job) -> LakeLayout:
        """Return the lake of a job."""
        place = job.output if self.store is None else f"s3://{BUCKET}/{self.where}"
        return LakeLayout(lake_path(place), "KRAKEN")

    def base_on_disk(self, job: Job) -> Path:
        """Return the folder of this machine that its files are in, also behind the store."""
        return job.output if self.store is None else self.store.objects / BUCKET / self.where

    def commits(self, job: Job) -> list[Commit]:
        """Return what has landed."""
        return [one for one in CommitLog(self.layout(job).commits).commits() if one.rows]

    def empty(self, _: Path) -> None:
        """Remove what an earlier landing left in the store."""
        if self.store is None:
            return
        self.store.make_bucket(BUCKET)
        # By requests: the server keeps what it knows about an object apart from its content.
        client = client_for(f"s3://{BUCKET}")
        client.delete(one.key for one in client.list(self.where))

    def candidate(self) -> Candidate:
        """Return the program that lands here, timed by its commits."""
        return self.kind(self)

    def stream(self) -> Candidate:
        """Return the stream, landing here."""
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


def iceberg_sink(store: ObjectStore, lake: StoreLake) -> Candidate:
    """Return Iceberg's sink, landing in the store; its metadata is read from the server's disk."""
    table = store.objects / BUCKET / lake.where / "bench" / "trades"
    return replace(
        ICEBERG_SINK,
        name="iceberg_sink_on_s3",
        command=lambda job, cores: [*ICEBERG_SINK.command(job, cores), "--bucket", BUCKET],
        timeline=lambda _: of_snapshots(table),
        signs_of_work=lambda _: list(table.glob("metadata/*.metadata.json")),
    )
