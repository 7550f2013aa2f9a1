"""The programs that land trades: the platform and its rivals, how each is started, its files."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks.data.lakes import FILLER
from benchmarks.rivals.job import Job
from benchmarks.run import timeline
from benchmarks.run.environment import ROOT, programs_of
from benchmarks.run.timeline import Timeline
from lake.layout import LakeLayout
from lake.log.commit_log import CommitLog

__all__ = [
    "CANDIDATES",
    "DESERIALIZER_LOOP",
    "FASTAVRO_LOOP",
    "ICEBERG_PARTITIONED",
    "ICEBERG_SINK",
    "OURS",
    "QUIXSTREAMS",
    "SPARK_FILE_SINK",
    "SPARK_PYTHON_UDF",
    "SPARK_READ",
    "SPARK_READ_LARGE_POLLS",
    "Candidate",
    "ours_on",
    "ours_on_a_grown_lake",
]

_BIN: Final = Path(sys.executable).parent
Command = Sequence[str | Path]


@dataclass(frozen=True)
class Candidate:
    """A program that lands trades.

    Attributes:
        name: In the results.
        title: In tables and plots.
        command: For a job and a number of cores.
        environment: Of it for a job, besides the bench's.
        timeline: Of what a job has left.
        signs_of_work: Files that exist once it polls for records.
        is_endless: Whether it lands on and on, whatever the job says.
        live: The folder that its files of now appear in.
        warms_up: Whether it gets faster while it runs, as what runs on a JVM does.
    """

    name: str
    title: str
    command: Callable[[Job, int], Command]
    environment: Callable[[Job], Mapping[str, str]]
    timeline: Callable[[Job], Timeline]
    signs_of_work: Callable[[Job], Sequence[Path]]
    live: Callable[[Job], Path] = lambda job: job.output
    is_endless: bool = False
    warms_up: bool = True


def _nothing(_: Job) -> Mapping[str, str]:
    return {}


def _spark_submit(cores: int, script: str, *arguments: str) -> Command:
    """Start it as a user does, with a fixed number of cores so that machines compare."""
    submit: Command = [_BIN / "spark-submit", "--master", f"local[{cores}]", ROOT / script]
    return [*submit, *arguments]


def _of_output(job: Job) -> Timeline:
    return timeline.of_files(job.output)


def _of_progress(job: Job) -> Timeline:
    return timeline.of_progress(job.progress)


def _spark_program(
    name: str,
    title: str,
    script: str,
    *options: str,
    read: Callable[[Job], Timeline] = _of_output,
) -> Candidate:
    path = f"benchmarks/rivals/{script}.py"
    return Candidate(
        name=name,
        title=title,
        command=lambda job, cores: _spark_submit(cores, path, job.as_argument(), *options),
        environment=_nothing,
        timeline=read,
        signs_of_work=lambda job: list(job.checkpoint.glob("offsets/0")),
    )


def _python_program(
    name: str,
    title: str,
    python: Path = Path(sys.executable),
    read: Callable[[Job], Timeline] = _of_progress,
) -> Candidate:
    return Candidate(
        name=name,
        title=title,
        command=lambda job, _: [python, "-m", f"benchmarks.rivals.{name}", job.as_argument()],
        environment=_nothing,
        timeline=read,
        signs_of_work=lambda job: [job.started] if job.started.exists() else [],
        warms_up=False,
    )


def _iceberg(name: str, title: str, *options: str) -> Candidate:
    module = "benchmarks.rivals.iceberg_sink"
    return Candidate(
        name=name,
        title=title,
        command=lambda job, _: [sys.executable, "-m", module, job.as_argument(), *options],
        environment=_nothing,
        timeline=lambda job: timeline.of_snapshots(_table(job)),
        signs_of_work=lambda job: list(_table(job).glob("metadata/v1.metadata.json")),
        is_endless=True,
    )


def _table(job: Job) -> Path:
    return job.output / "bench" / "trades"


def _our_lake(job: Job) -> LakeLayout:
    return LakeLayout(job.output, "KRAKEN")


def _our_trades(job: Job) -> Path:
    return job.output / _our_lake(job).exchange


def ours_on(
    name: str, title: str, master: str | None = None, *options: str, checkout: Path = ROOT
) -> Candidate:
    """Return the stream on another Spark master, with more options, or of another checkout."""

    def command(job: Job, cores: int) -> Command:
        how = ["--once"] if job.records is not None else []
        on = master or f"local[{cores}]"
        main = checkout / "spark_consumer" / "main.py"
        return [programs_of(checkout) / "spark-submit", "--master", on, main, *how, *options]

    return Candidate(
        name=name,
        title=title,
        command=command,
        environment=_our_environment,
        timeline=lambda job: timeline.of_files(_our_trades(job)),
        signs_of_work=lambda job: list(_our_lake(job).checkpoints.glob("*/offsets/0")),
        live=_our_trades,
    )


def ours_on_a_grown_lake() -> Candidate:
    """Return the stream on a lake filled before; only the stream's own commits count."""

    def own(job: Job) -> Timeline:
        commits = CommitLog(_our_lake(job).commits).commits()
        own_commits = (commit for commit in commits if commit.run_id != FILLER)
        return Timeline.adding((one.committed_at.timestamp(), one.rows) for one in own_commits)

    on_grown = ours_on("ours_grown", "kraken-lake", None, "--accept-new-kafka")
    return replace(
        on_grown,
        timeline=own,
        live=lambda job: _our_trades(job) / f"year={datetime.now(UTC).year}",
    )


def _our_environment(job: Job) -> Mapping[str, str]:
    settings = {"KAFKA_TOPIC": job.topic, "BASE_OUTPUT_PATH": str(job.output)}
    if job.batch is not None:
        settings["MAX_OFFSETS_PER_TRIGGER"] = str(job.batch)
    return settings


OURS: Final = ours_on("ours", "kraken-lake")
SPARK_READ: Final = _spark_program(
    "spark_read", "Spark reading alone (the limit)", "spark_read", read=_of_progress
)
SPARK_READ_LARGE_POLLS: Final = _spark_program(
    "spark_read_large_polls",
    "Spark reading alone, in large polls",
    "spark_read",
    "--in-large-polls",
    read=_of_progress,
)
SPARK_FILE_SINK: Final = _spark_program("spark_file_sink", "Spark's file sink", "spark_file_sink")
SPARK_PYTHON_UDF: Final = _spark_program(
    "spark_python_udf", "Spark with a Python UDF", "spark_python_udf"
)
DESERIALIZER_LOOP: Final = _python_program("deserializer_loop", "AvroDeserializer + pyarrow")
FASTAVRO_LOOP: Final = _python_program("fastavro_loop", "fastavro + pyarrow")
ICEBERG_SINK: Final = _iceberg("iceberg_sink", "Kafka Connect, Iceberg, unpartitioned")
ICEBERG_PARTITIONED: Final = _iceberg(
    "iceberg_partitioned", "Kafka Connect, Iceberg, partitioned", "--partitioned"
)
QUIXSTREAMS: Final = _python_program(
    "quixstreams_files",
    "quixstreams to files",
    ROOT / ".venv-quixstreams" / "bin" / "python",
    _of_output,
)
CANDIDATES: Final = (
    OURS,
    SPARK_READ,
    SPARK_READ_LARGE_POLLS,
    SPARK_FILE_SINK,
    ICEBERG_SINK,
    ICEBERG_PARTITIONED,
    SPARK_PYTHON_UDF,
    QUIXSTREAMS,
    FASTAVRO_LOOP,
    DESERIALIZER_LOOP,
)
