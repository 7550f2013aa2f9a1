"""quixstreams' way to files: its AvroDeserializer and its LocalFileSink, in its own environment.

The sink writes a file for each checkpoint and partition of the topic, and has no partition columns.
"""

import time

from quixstreams import Application
from quixstreams.models.serializers.avro import AvroDeserializer
from quixstreams.models.serializers.schema_registry import SchemaRegistryClientConfig
from quixstreams.sinks.community.file.formats import ParquetFormat
from quixstreams.sinks.community.file.local import LocalFileSink

from benchmarks.rivals.job import Job

__all__ = ["main"]

_ROWS_A_FILE = 20_000


def main() -> None:
    """Land the job's records."""
    job = Job.from_argument()
    app = Application(
        broker_address=job.servers,
        consumer_group=f"quixstreams-{time.time_ns()}",
        auto_offset_reset="earliest",
        consumer_extra_config={"isolation.level": "read_committed"},
        commit_interval=60.0,
        commit_every=_ROWS_A_FILE,
        auto_create_topics=False,
    )
    deserializer = AvroDeserializer(
        schema_registry_client_config=SchemaRegistryClientConfig(url=job.registry)
    )
    trades = app.dataframe(app.topic(job.topic, value_deserializer=deserializer))
    # Relative, since it refuses paths with a hyphen.
    trades.sink(LocalFileSink(directory="data", format=ParquetFormat(compression="zstd")))
    job.started.touch()
    app.run(count=job.records or 0, collect=False)


if __name__ == "__main__":
    main()
