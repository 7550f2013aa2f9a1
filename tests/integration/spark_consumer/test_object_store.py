"""The stream on a lake in an object store: a real S3 server, with a proxy that brings faults."""

import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from infra.object_store.proxy import Fault, Request, StoreProxy
from infra.object_store.server import ObjectStore
from lake import files
from lake.errors import LakeError, StoreRefused
from lake.read.quarantine import count_by_reason
from lake.settings import LakeSettings
from lake.storage.object_path import lake_path
from lake.storage.operations import parquet_source
from spark_consumer.decode.reasons import Reason
from tests.integration.spark_consumer.conftest import Pipeline, TradeMaker
from tests.integration.spark_consumer.test_takeover import Sender, program, wait_until

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture
def on_store(pipeline: Pipeline, bucket: str) -> Pipeline:
    """The pipeline, with its lake in a bucket."""
    return replace(pipeline, lake=LakeSettings(base_output_path=f"s3://{bucket}/lake"))


@pytest.fixture
def behind_proxy(
    object_store: ObjectStore, on_store: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> Iterator[StoreProxy]:
    """The environment points to the store through a proxy."""
    assert on_store.layout.is_on_store
    with StoreProxy(object_store.endpoint) as proxy:
        # Clients keep the endpoint that they were opened with.
        monkeypatch.setattr("lake.storage.object_client._CLIENTS", {})
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.endpoint)
        yield proxy


def landed(pipeline: Pipeline) -> list[int]:
    """The ids of the lake's trades, ascending, each as often as it is there."""
    ids: list[int] = []
    for address in files(pipeline.layout):
        table = pq.read_table(parquet_source(lake_path(address)), columns=["trade_id"])
        ids += table.column("trade_id").to_pylist()
    return sorted(ids)


def test_trades_land_once_and_the_others_are_kept(
    on_store: Pipeline, trades: TradeMaker, newest_id: int
) -> None:
    """A run continues at the offsets of the one before; what is no trade is in quarantine."""
    pairs = ("BTC/USD", "ETH/USD")
    on_store.send(
        [*(trades.framed(newest_id, i, symbol=pairs[i % 2]) for i in range(1, 201)), (b"k", b"x")]
    )
    on_store.land()
    on_store.send([trades.framed(newest_id, i) for i in range(201, 301)])
    on_store.land()
    on_store.land()
    assert landed(on_store) == list(range(1, 301))
    assert {one.reason: one.records for one in count_by_reason(on_store.layout)} == {
        Reason.NO_MAGIC_BYTE: 1
    }


def test_records_that_spark_cannot_read_land_one_by_one(
    on_store: Pipeline, trades: TradeMaker, newest_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They lie in the store meanwhile, since the executors have no folder of the driver's."""
    on_store.send([trades.framed(newest_id, i) for i in range(1, 51)])
    on_store.land()
    on_store.send([*(trades.framed(newest_id, i) for i in range(51, 101)), (b"k", b"x")])
    monkeypatch.setattr("spark_consumer.write.failure_count.Attempts.begin", lambda *_: 1)
    on_store.land()
    assert landed(on_store) == list(range(1, 101))
    layout = on_store.layout
    spooled = [path for path in lake_path(str(layout.platform)).below() if "-records" in str(path)]
    assert spooled == []


def test_a_new_stream_takes_over(
    on_store: Pipeline, trades: TradeMaker, newest_id: int, tmp_path: Path
) -> None:
    """The running one ends well as soon as it finds the new one's commit; no trade is twice."""

    def landing_runs() -> list[str]:
        return list(dict.fromkeys(one.run_id for one in on_store.commits() if one.rows))

    options = ("--trigger", "1 second")
    with (
        Sender(on_store, trades, newest_id) as sender,
        program(on_store, tmp_path / "old.log", *options) as old,
    ):
        wait_until(lambda: bool(landing_runs()), "the first commit")
        with program(on_store, tmp_path / "new.log", "--take-over", *options) as new:
            wait_until(lambda: len(landing_runs()) == 2, "a commit of the new stream")
            assert old.wait(300) == 0, (tmp_path / "old.log").read_text()[-3000:]
            new.send_signal(signal.SIGTERM)
            assert new.wait(300) == 0, (tmp_path / "new.log").read_text()[-3000:]
    on_store.land()
    assert landed(on_store) == list(range(1, sender.sent + 1))
    assert "short_trigger_on_a_store" in (tmp_path / "old.log").read_text()


def _first_upload(fault: Fault) -> Callable[[Request], Fault | None]:
    """A fault for every upload of trades."""
    return lambda request: fault if request.method == "PUT" and "/live/" in request.key else None


def _every_write(request: Request) -> Fault | None:
    return Fault.FORBIDDEN if request.method in {"PUT", "DELETE", "POST"} else None


def _blind(request: Request) -> Fault | None:
    return Fault.BLIND if request.is_conditional else None


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (_every_write, "credentials do not allow it"),
        (_first_upload(Fault.FORBIDDEN), "credentials do not allow it"),
        (_blind, "ignores the condition"),
    ],
    ids=["read-only", "no-uploads", "no-conditional-writes"],
)
def test_a_store_that_refuses_is_a_sentence_and_loses_nothing(  # noqa: PLR0913, PLR0917
    on_store: Pipeline,
    behind_proxy: StoreProxy,
    trades: TradeMaker,
    newest_id: int,
    fault: Callable[[Request], Fault | None],
    sentence: str,
) -> None:
    """The stream ends; once the store does as it should, everything lands once."""
    on_store.send([trades.framed(newest_id, i) for i in range(1, 11)])
    behind_proxy.fault = fault
    with pytest.raises(StoreRefused, match=sentence) as refused:
        on_store.land()
    assert "\n" not in str(refused.value)
    behind_proxy.fault = lambda _: None
    on_store.land()
    assert landed(on_store) == list(range(1, 11))


def test_throttling_and_lost_answers_are_outlasted(
    on_store: Pipeline, behind_proxy: StoreProxy, trades: TradeMaker, newest_id: int
) -> None:
    """Each of the first requests of a kind fails in its own way; the stream does not notice."""
    kinds: Counter[str] = Counter()
    faults = [Fault.SLOW_DOWN, Fault.LOST_ANSWER, Fault.CUT_REQUEST, Fault.FAILED]
    lock = threading.Lock()

    def fault(request: Request) -> Fault | None:
        with lock:
            kinds[request.kind] += 1
            at = kinds[request.kind]
        return faults[at // 2] if at % 2 and at // 2 < len(faults) else None

    behind_proxy.fault = fault
    on_store.send([trades.framed(newest_id, i) for i in range(1, 11)])
    on_store.land()
    behind_proxy.fault = lambda _: None
    assert landed(on_store) == list(range(1, 11))
    assert kinds["PUT"] >= 2 * len(faults)


@pytest.mark.parametrize(
    ("variables", "bucket_name", "sentence"),
    [
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, "", "does not accept the credentials"),
        ({"AWS_ACCESS_KEY_ID": "NOBODY"}, "", "does not accept the credentials"),
        ({}, "nowhere", "there is no such bucket"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "", "the store does not answer"),
    ],
    ids=["secret", "key", "bucket", "endpoint"],
)
def test_a_wrong_setting_is_a_sentence(  # noqa: PLR0913, PLR0917  three of them are cases
    on_store: Pipeline,
    bucket: str,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    bucket_name: str,
    sentence: str,
) -> None:
    """It names the bucket, and comes before Spark is started."""
    name = bucket_name or bucket
    monkeypatch.setattr("lake.storage.object_client._CLIENTS", {})
    monkeypatch.setattr("lake.storage.object_client.RETRIES", {"max_retries": 0})
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    lake = LakeSettings(base_output_path=f"s3://{name}/lake")
    with pytest.raises(LakeError, match=sentence) as refused:
        replace(on_store, lake=lake).land()
    assert f"s3://{name}" in str(refused.value)
    assert "\n" not in str(refused.value)
