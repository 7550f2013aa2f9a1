import threading
import time

import pytest

from infra.embedded import EmbeddedStack
from schemas.catalogue import load_catalogue
from schemas.errors import RegistryUnavailable
from tests.integration.spark_consumer.conftest import Pipeline, TradeMaker
from tests.integration.spark_consumer.decode.test_evolution import with_field
from tests.integration.spark_consumer.test_stream import await_rows


def test_a_registry_that_is_down_stops_a_start_and_names_itself(
    pipeline: Pipeline, stack: EmbeddedStack
) -> None:
    """After the patience, with its address."""
    stack.kill_registry()
    try:
        with pytest.raises(RegistryUnavailable, match=stack.registry_url):
            pipeline.land(registry_patience_seconds=1)
    finally:
        stack.start_registry()


def test_known_schemas_need_no_registry(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int, stack: EmbeddedStack
) -> None:
    """A running stream lands on while the registry is away, and waits only for a new id."""
    stopping = threading.Event()
    run = threading.Thread(
        target=pipeline.land, kwargs={"every": "0 seconds", "stopping": stopping}
    )
    unseen = with_field(load_catalogue().trade.newest.parsed, "venue_note", "none")
    pipeline.send([trades.framed(newest_id, 1)])
    run.start()
    try:
        await_rows(pipeline, 1)
        unseen_id = trades.register(unseen)
        newer = trades.framed(unseen_id, 3, venue_note="seen", feed="REST")
        stack.kill_registry()
        try:
            pipeline.send([trades.framed(newest_id, 2)])
            await_rows(pipeline, 2)
            pipeline.send([newer])
            time.sleep(3)  # long enough to see that the record is neither landed nor refused
            assert pipeline.query("SELECT count(*) FROM trades") == [(2,)]
        finally:
            stack.start_registry()
        await_rows(pipeline, 3)
        assert run.is_alive()
    finally:
        stopping.set()
        run.join()
    assert not any(commit.quarantined for commit in pipeline.commits())


def test_a_registry_killed_for_good_stops_the_stream_and_loses_nothing(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int, stack: EmbeddedStack
) -> None:
    """Nothing is quarantined for it; the next start goes on with the same record."""
    unseen = with_field(load_catalogue().trade.newest.parsed, "venue_note", "none")
    pipeline.send([trades.framed(newest_id, 1)])
    failures: list[Exception] = []

    def run() -> None:
        try:
            pipeline.land(every="0 seconds", registry_patience_seconds=2)
        except RegistryUnavailable as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    await_rows(pipeline, 1)
    unseen_id = trades.register(unseen)
    newer = trades.framed(unseen_id, 2, venue_note="seen", feed="REST")
    stack.kill_registry()
    try:
        pipeline.send([newer])
        thread.join(timeout=90)
        assert not thread.is_alive()
        assert stack.registry_url in str(failures[0])
        assert pipeline.query("SELECT count(*) FROM trades") == [(1,)]
    finally:
        stack.start_registry()
    pipeline.land()
    assert pipeline.query("SELECT count(*) FROM trades") == [(2,)]
    assert not any(commit.quarantined for commit in pipeline.commits())
