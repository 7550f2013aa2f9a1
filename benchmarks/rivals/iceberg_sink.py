"""Kafka Connect, standalone, with Iceberg's sink and Apicurio's AvroConverter.

The converter speaks to the registry by its own API, and takes the ids of the Confluent framing
(`as-confluent`). Times stay numbers there, so that a table is partitioned by pair and half-hour:
the widest span of microseconds that Iceberg's truncation takes, 1.8·10^9.

The table is in a folder. With `--warehouse s3://…` it is there, in the object store that the AWS
variables name, and its catalog is a file of SQLite.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its stub lacks NewTopic
    AdminClient,
    NewTopic,
)

from benchmarks.rivals.job import Job

__all__ = ["main"]

_JARS: Final = Path(__file__).resolve().parents[2] / ".jars"
_CONFLUENT_API: Final = "/apis/ccompat/v7"
_COMMIT_EVERY_MS: Final = 5_000
"""As a micro-batch takes, in place of the default of five minutes."""


def main() -> None:
    """Write Connect's files, and become Connect."""
    job = Job.from_argument()
    partitioned = "--partitioned" in sys.argv
    control = f"control-{job.topic}-{os.getpid()}"
    admin = AdminClient({"bootstrap.servers": job.servers})
    admin.create_topics([NewTopic(control, 1, 1)])[control].result()
    work = Path(job.work)
    # What is below one folder there has one class loader.
    for plugin in ("sink/iceberg-sink", "sink/iceberg-store", "converter/avro-converter"):
        place = work / "plugins" / plugin
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(_JARS / place.name)
    worker, sink = work / "worker.properties", work / "sink.properties"
    _write(worker, _worker(job))
    if "--warehouse" in sys.argv:
        catalog = _store_catalog(job, sys.argv[sys.argv.index("--warehouse") + 1])
    else:
        catalog = {"type": "hadoop", "warehouse": f"file://{job.output}"}
    _write(sink, _sink(job, control, catalog, partitioned=partitioned))
    logging = _JARS.parent / "infra" / "embedded" / "log4j2.properties"
    java = [
        *("java", f"-Dlog4j2.configurationFile={logging}"),
        *("-cp", f"{_JARS / 'connect'}/*", "org.apache.kafka.connect.cli.ConnectStandalone"),
    ]
    os.execvp("java", [*java, str(worker), str(sink)])  # noqa: S606, S607 - the java of the PATH


def _worker(job: Job) -> Mapping[str, str]:
    return {
        "bootstrap.servers": job.servers,
        "plugin.path": f"{job.work}/plugins",
        "offset.storage.file.filename": f"{job.work}/offsets",
        # A sink that waits for records sees to nothing else for so long; the default is a minute.
        "offset.flush.interval.ms": "1000",
        "listeners": "http://127.0.0.1:0",
        "key.converter": "org.apache.kafka.connect.storage.StringConverter",
        "value.converter": "io.apicurio.registry.utils.converter.AvroConverter",
        "value.converter.apicurio.registry.url": job.registry.replace(
            _CONFLUENT_API, "/apis/registry/v2"
        ),
        "value.converter.apicurio.registry.as-confluent": "true",
        "value.converter.apicurio.registry.use-id": "contentId",
        "value.converter.apicurio.registry.headers.enabled": "false",
        "consumer.isolation.level": "read_committed",
        "consumer.auto.offset.reset": "earliest",
        # Of what is commonly raised for throughput; the default is 500.
        "consumer.max.poll.records": "10000",
    }


def _store_catalog(job: Job, warehouse: str) -> dict[str, str]:
    return {
        "catalog-impl": "org.apache.iceberg.jdbc.JdbcCatalog",
        "uri": f"jdbc:sqlite:{job.work}/catalog.db",
        "jdbc.schema-version": "V1",
        "warehouse": warehouse,
        "io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
        "s3.endpoint": os.environ["AWS_ENDPOINT_URL"],
        "s3.path-style-access": "true",
        "client.region": os.environ["AWS_REGION"],
    }


def _sink(
    job: Job, control: str, catalog: Mapping[str, str], *, partitioned: bool
) -> Mapping[str, str]:
    by = {"iceberg.tables.default-partition-by": "symbol,truncate(executed_at, 1800000000)"}
    return {
        # Its consumer group is named after it: another would go on where the last run stopped.
        "name": f"iceberg-sink-{os.getpid()}",
        "connector.class": "org.apache.iceberg.connect.IcebergSinkConnector",
        "tasks.max": "2",
        "topics": job.topic,
        "iceberg.tables": "bench.trades",
        "iceberg.tables.auto-create-enabled": "true",
        **{f"iceberg.catalog.{name}": value for name, value in catalog.items()},
        "iceberg.control.topic": control,
        "iceberg.control.commit.interval-ms": str(_COMMIT_EVERY_MS),
        "iceberg.kafka.bootstrap.servers": job.servers,
        **(by if partitioned else {}),
    }


def _write(file: Path, properties: Mapping[str, str]) -> None:
    lines = (f"{name}={value}\n" for name, value in properties.items())
    file.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
