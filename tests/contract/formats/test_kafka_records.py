"""What the producer writes to Kafka: topics, keys, headers, JSON, and the names that it goes by."""

import io
import json
import re
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from uuid import UUID

import fastavro
import pytest

from infra.fake_kraken import Fault, FaultKind, ReplayServer
from tests.confluent_registry.server import serve_registry
from tests.contract.formats.conftest import Run
from tests.contract.formats.expected import read
from tests.contract.formats.kafka import Kafka
from tests.unit.producer.fake_kafka import Crash, Stored

FAULTS = (
    Fault(kind=FaultKind.SHORT_PAGES, trades=500, times="always"),
    Fault(kind=FaultKind.HOLE, trades=3),
    Fault(kind=FaultKind.BAD_ROW),
)
AT_ONCE = {"KRAKEN_CALL_INTERVAL_SECONDS": "0", "POLL_INTERVAL_SECONDS": "0"}


@dataclass(frozen=True)
class Written:
    """What three runs left behind, and the registry's URL.

    Attributes:
        recorded: by live recording of a page with a hole, and one with a row that is no trade.
        backfilled: by a backfill, with the schema named in a header.
        parked: by live recording of a pair that Kraken does not know.
    """

    kafka: Kafka
    registry: str
    recorded: list[Stored]
    backfilled: list[Stored]
    parked: list[Stored]

    def shown(self, records: list[Stored]) -> list[dict[str, Any]]:
        """Records as the expectations are written: of trades in a row the first."""
        firsts = [
            one
            for before, one in pairwise([None, *records])
            if before is None or not before.topic == one.topic == "t"
        ]
        return [
            {
                "topic": one.topic,
                "key": one.key.decode(),
                "headers": {name: _header(name, value) for name, value in one.headers},
                "value": self._value(one),
            }
            for one in firsts
        ]

    def _value(self, record: Stored) -> Any:
        """A record's value: Avro by the schema that it names, else JSON."""
        if record.topic not in {"t", "t.cursors"}:
            return json.loads(record.value, object_hook=_without_chance)
        name = dict(record.headers).get("__value_schema_id", record.value[:5])
        where = f"guids/{UUID(bytes=name[1:])}" if name[0] else f"ids/{int.from_bytes(name[1:])}"
        schema = json.loads(asked(f"{self.registry}/schemas/{where}")["schema"])
        payload = io.BytesIO(record.value.removeprefix(name))
        fields: Any = fastavro.schemaless_reader(payload, schema)
        return {
            field: "TIME" if field in {"ingested_at", "updated_at"} else f"{value}"
            for field, value in fields.items()
        }


def asked(url: str) -> Any:
    """What a registry answers."""
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - the test's own server
        return json.load(answer)


def _header(name: str, value: bytes) -> str:
    if name == "__value_schema_id":
        return f"{value[0]} and {len(value) - 1} bytes"
    return "REASON" if name == "reason" else value.decode()


def _without_chance(one: dict[str, Any]) -> dict[str, Any]:
    forms = {"run": "[0-9a-f]{16}", "host": ".+", "pid": r"\d+", "reason": ".+", "advice": ".+"}
    for name, value in one.items():
        if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", f"{value}"):
            one[name] = "TIME"
        elif name in forms and re.fullmatch(forms[name], f"{value}"):
            one[name] = name.upper()
    return one


@pytest.fixture(scope="module")
def written(run: Run) -> Iterator[Written]:
    """See `Written`."""
    kafka = Kafka()
    log = kafka.log.log
    with (
        pytest.MonkeyPatch.context() as own,
        serve_registry() as registry,
        ReplayServer(faults=FAULTS) as kraken,
    ):
        kafka.stand_in(own)
        settings = {"KAFKA_TOPIC": "t", "SCHEMA_REGISTRY_URL": registry.url, **AT_ONCE}
        settings |= {"KRAKEN_API_URL": kraken.url, "KRAKEN_PAIR": "BTC/USDT"}
        assert run("schemas", "register", **settings).status == 0
        whole = {"START_FROM": "beginning", **settings}
        assert run("producer", "--until-caught-up", **whole).status == 0
        recorded = [*log]
        kraken.plan.clear()
        span = ("--from", "2025-11-10T18:30:00+01:00", "--to", "2025-11-10T17:40:00Z")
        by_header = {**settings, "SCHEMA_ID_FRAMING": "header"}
        assert run("producer", "backfill", *span, **by_header).status == 0
        backfilled = log[len(recorded) :]
        # Killed once it has said why a pair is not recorded: it would ask again for long.
        kafka.log.fail("commit_transaction", Crash(), passing=1, too_late=True)
        with pytest.raises(Crash):
            run("producer", **{**settings, "KRAKEN_PAIR": "BTC/USDT,NO/PAIR"})
        parked = log[len(recorded) + len(backfilled) :]
        yield Written(kafka, registry.url, recorded, backfilled, parked)


def test_live_recording_writes_these_records(written: Written) -> None:
    """A claim, the market, and for each page trades, then what is missing or no trade, a cursor."""
    assert written.shown(written.recorded) == read("records.json")["recorded"]


def test_a_backfill_writes_under_keys_and_headers_of_its_own(written: Written) -> None:
    """The header `lane` marks its trades; its cursor's key names the pair and the span, in UTC."""
    assert written.shown(written.backfilled) == read("records.json")["backfilled"]


def test_a_pair_that_cannot_be_recorded_is_said_in_kafka(written: Written) -> None:
    """Beside the claims of all pairs that were asked for."""
    assert written.shown(written.parked) == read("records.json")["parked"]


def test_all_names_in_kafka_and_registry_begin_with_kafka_topic(written: Written) -> None:
    """Topics, subjects, consumer groups and transactional ids: what a cluster's ACLs name."""
    kafka = written.kafka
    assert {
        name: (topic.num_partitions, topic.config["cleanup.policy"])
        for name, topic in kafka.topics.items()
    } == {
        "t": (4, "delete"),
        "t.cursors": (1, "compact"),
        "t.dead-letter": (1, "delete"),
        "t.holes": (1, "compact"),
        "t.gaps": (1, "compact"),
        "t.pairs": (1, "compact"),
        "t.markets": (1, "compact"),
        "t.claims": (1, "compact"),
    }
    assert asked(f"{written.registry}/subjects") == ["t-value", "t.cursors-value"]
    assert kafka.transactional_ids == ["t.producer", "t.backfill", "t.producer"]
    read_back = ("t.cursors", "t.gaps", "t.holes", "t.pairs", "t.markets", "t.claims")
    assert kafka.groups == {f"{topic}.reader" for topic in read_back}
