"""aiokafka with fastavro, as the documentation of both shows them.

https://aiokafka.readthedocs.io/en/stable/producer.html
"""

import asyncio
import io

import fastavro
from aiokafka import AIOKafkaProducer  # type: ignore[import-untyped]  # it ships no types

from benchmarks.producers.plain import plain_trades
from benchmarks.producers.work import Producing, Work
from runtime.settings import RegistrySettings
from schemas.avro.wire import frame
from schemas.catalogue import load_catalogue
from schemas.registry.client import Registry

__all__ = ["prepare"]


def prepare(work: Work) -> Producing:
    """Return the schema with its id, ready to start."""
    contract = load_catalogue().trade
    registry = Registry(RegistrySettings(url=work.registry_url))
    schema_id = registry.require(contract.subject(work.topic), contract.newest.text).schema_id
    schema = fastavro.parse_schema(contract.newest.parsed)
    header = frame(schema_id, b"")

    async def produce() -> int:
        producer = AIOKafkaProducer(
            bootstrap_servers=work.bootstrap_servers, enable_idempotence=True, linger_ms=5
        )
        await producer.start()
        acknowledged = 0
        try:
            for turn in work.turns:
                for answer in turn:
                    key, sent = answer.pair.symbol.encode(), []
                    for trade in plain_trades(answer):
                        buffer = io.BytesIO()
                        buffer.write(header)
                        fastavro.schemaless_writer(buffer, schema, trade)
                        sent.append(await producer.send(work.topic, buffer.getvalue(), key))
                    acknowledged += len(await asyncio.gather(*sent))
        finally:
            await producer.stop()
        return acknowledged

    return lambda: asyncio.run(produce())
