"""fastavro with a schema looked up by the id in each header, and pyarrow behind it."""

import io
import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import fastavro
from confluent_kafka import Message
from confluent_kafka.schema_registry import SchemaRegistryClient

from benchmarks.rivals.job import Job
from benchmarks.rivals.loop import run

__all__ = ["main"]

_HEADER: Final = 5


def main() -> None:
    """Land the job's records."""
    job = Job.from_argument()
    client = SchemaRegistryClient({"url": job.registry})

    @cache
    def schema(schema_id: bytes) -> Any:  # noqa: ANN401 - fastavro's own form
        text = client.get_schema(int.from_bytes(schema_id, "big")).schema_str
        return fastavro.parse_schema(json.loads(text or ""))

    def decode(message: Message) -> Mapping[str, Any]:
        value = message.value() or b""
        payload = io.BytesIO(value[_HEADER:])
        trade: Any = fastavro.schemaless_reader(payload, schema(value[1:_HEADER]), None)
        return dict(trade)

    run(job, decode)


if __name__ == "__main__":
    main()
