import json
import os
import subprocess
import sys

from lake.read.quarantine import count_by_reason
from schemas.catalogue import load_catalogue
from spark_consumer.bootstrap import Settings
from spark_consumer.decode.reasons import Reason
from spark_consumer.replay import replay
from spark_consumer.settings import ConsumerSettings
from tests.integration.spark_consumer.conftest import Pipeline, TradeMaker
from tests.integration.spark_consumer.decode.test_evolution import with_field


def replay_again(pipeline: Pipeline) -> int | None:
    """Replay in this process; how many trades landed, None where nothing passed."""
    settings = Settings(ConsumerSettings(), pipeline.kafka, pipeline.registry, pipeline.lake)
    commit = replay(settings)
    return None if commit is None else commit.rows


def test_a_schema_registered_afterwards_lets_its_records_land_once(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int
) -> None:
    """Quarantined, then replayed; a second replay adds nothing, and what is broken stays."""
    # The registry gives equal schemas one id, whatever their subject: this one is no other test's.
    unseen = with_field(load_catalogue().trade.newest.parsed, "venue_note", trades.subject)
    # Ids are given in order, so the next schema's is known before it is registered.
    filler = with_field(unseen, "filler", "")
    next_id = 1 + trades.registry.register(f"{trades.subject}.filler", json.dumps(filler))
    trades.parsed[next_id] = unseen
    early = trades.framed(next_id, 2, venue_note="early", feed="REST")
    pipeline.send([trades.framed(newest_id, 1), early, (b"k", b"broken"), early])
    pipeline.land()
    assert {count.reason: count.records for count in count_by_reason(pipeline.layout)} == {
        Reason.UNKNOWN_SCHEMA_ID: 2,
        Reason.NO_MAGIC_BYTE: 1,
    }
    before = pipeline.query("FROM quarantine WHERE value = 'broken'::BLOB")
    assert replay_again(pipeline) is None
    assert trades.register(unseen) == next_id

    assert replay_again(pipeline) == 1
    assert replay_again(pipeline) is None

    assert pipeline.query("SELECT trade_id, venue_note FROM trades ORDER BY trade_id") == [
        (1, None),
        (2, "early"),
    ]
    assert pipeline.query("FROM quarantine") == before
    pipeline.land()
    assert pipeline.query("SELECT count(*) FROM trades") == [(2,)]


def test_the_commands_tell_what_is_in_quarantine(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int
) -> None:
    """`list`, `show` and `replay` as a user runs them."""
    pipeline.send([trades.framed(newest_id, 1), (b"k", b"broken")])
    pipeline.land()
    (listed,) = json.loads(_lake(pipeline, "list", "--json"))
    assert (listed["reason"], listed["records"]) == ("no magic byte", 1)
    shown = json.loads(_lake(pipeline, "show", "--json", "--reason", "no magic byte"))
    assert bytes.fromhex(shown["value"]) == b"broken"
    assert shown["topic"] == pipeline.kafka.topic
    assert "broken" in _lake(pipeline, "show")
    assert "Nothing in quarantine passes now" in _lake(pipeline, "replay")


def _lake(pipeline: Pipeline, *arguments: str) -> str:
    environment = {
        "BASE_OUTPUT_PATH": str(pipeline.lake.base_output_path),
        "KAFKA_TOPIC": pipeline.kafka.topic,
        "SCHEMA_REGISTRY_URL": pipeline.registry.url,
    }
    finished = subprocess.run(
        [sys.executable, "-m", "lake", "quarantine", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return finished.stdout
