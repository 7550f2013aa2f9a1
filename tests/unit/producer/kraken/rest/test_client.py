from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest
import stamina
import structlog
from structlog.testing import capture_logs

from producer.kraken.pairs import KrakenPair
from producer.kraken.rest.client import KrakenClient, KrakenClientSettings
from producer.kraken.rest.listing import required
from producer.kraken.rest.pacing import Pacer
from producer.model.venue_errors import (
    AnswerMalformed,
    Unavailable,
    UnknownPair,
    UnknownRowShape,
    VenueTransient,
)
from tests.engine import ROOT

DATA = ROOT / "tests" / "unit" / "producer" / "kraken" / "data"
RECORDED = {
    "/0/public/Trades": "trades_XBTUSDT_2025-11-10.json",
    "/0/public/AssetPairs": "asset_pairs_XBTUSDT.json",
    "/0/public/SystemStatus": "system_status.json",
}
IMPATIENT = KrakenClientSettings(call_interval=0, retry_wait=0, retry_wait_most=0)
NOW = datetime(2025, 11, 11, tzinfo=UTC)

Answer = Callable[[], httpx.Response]


class Kraken:
    """Answers from the recordings, after whatever answers are queued before them."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.queued: list[Answer] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        self.requests.append(request)
        if self.queued:
            return self.queued.pop(0)()
        return httpx.Response(200, content=(DATA / RECORDED[request.url.path]).read_bytes())


class Naps:
    """A clock that only sleeping moves, and how long it slept."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Move on at once."""
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def kraken() -> Kraken:
    """A Kraken that answers every call unless a test says otherwise."""
    return Kraken()


@pytest.fixture
def naps() -> Naps:
    """Time as the pacer sees it."""
    return Naps()


@pytest.fixture
def client(kraken: Kraken, naps: Naps) -> Iterator[KrakenClient]:
    """A client that waits for nothing in earnest."""
    pacer = Pacer(1.0, clock=lambda: naps.now, sleep=naps.sleep)
    transport = httpx.MockTransport(kraken)
    with KrakenClient(IMPATIENT, transport, pacer=pacer, now=lambda: NOW) as client:
        yield client


def says(*messages: str) -> Answer:
    """Kraken's error answer."""
    return lambda: httpx.Response(200, json={"error": list(messages)})


def cut() -> httpx.Response:
    """A connection that ends in the middle of an answer."""
    raise httpx.RemoteProtocolError("peer closed connection without sending complete body")


PASSING: dict[str, Answer] = {
    "rate limit": says("EAPI:Rate limit exceeded"),
    "too many requests": says("EGeneral:Too many requests"),
    "throttled": says("EService: Throttled: 1762820035"),
    "unavailable": says("EService:Unavailable"),
    "http 429": lambda: httpx.Response(429),
    "http 503": lambda: httpx.Response(503),
    "http 520 html": lambda: httpx.Response(520, html="<title>520</title>"),
    "rubbish": lambda: httpx.Response(200, content=b"\xff<"),
    "no result": lambda: httpx.Response(200, json={"error": []}),
    "no page": lambda: httpx.Response(200, json={"error": [], "result": {}}),
    "cut": cut,
}


def test_trades_asks_for_a_full_page_after_the_cursor(
    client: KrakenClient, kraken: Kraken, pair: KrakenPair
) -> None:
    """Kraken's own pair name, 1000 trades, the cursor untouched."""
    page = client.trades(pair, "1762795433971744500")
    assert page.rows == 1000
    assert {trade.ingested_at for trade in page.trades} == {NOW}
    assert dict(kraken.requests[0].url.params) == {
        "pair": "XBTUSDT",
        "count": "1000",
        "since": "1762795433971744500",
    }


def test_trades_without_a_cursor_asks_for_the_newest(
    client: KrakenClient, kraken: Kraken, pair: KrakenPair
) -> None:
    """No `since` is sent at all."""
    client.trades(pair, None)
    assert "since" not in kraken.requests[0].url.params


def test_pairs_are_found_among_all(client: KrakenClient, kraken: Kraken, pair: KrakenPair) -> None:
    """AssetPairs is asked for all pairs, as Kraken does not know canonical names."""
    assert required(client.find_pairs(["BTC/USDT"])) == [pair]
    assert not kraken.requests[0].url.params


def test_an_unknown_pair_is_reported_at_once(client: KrakenClient, kraken: Kraken) -> None:
    """It is terminal: each list of pairs is asked for once, no more."""
    with pytest.raises(UnknownPair, match="did you mean BTC/USDT"):
        required(client.find_pairs(["BTC/USD"]))
    asked = [request.url.params.get("aclass_base") for request in kraken.requests]
    assert asked == [None, "tokenized_asset"]


def test_the_status_is_read(client: KrakenClient) -> None:
    """As Kraken sent it on that day."""
    assert client.system_status() == "online"


def test_an_answer_without_its_field_is_malformed(client: KrakenClient, kraken: Kraken) -> None:
    """A result that lacks what was asked for is retried, then reported."""
    kraken.queued = [PASSING["no page"]] * 5
    with pytest.raises(AnswerMalformed):
        client.system_status()
    assert len(kraken.requests) == 5


@pytest.mark.parametrize("answer", PASSING.values(), ids=PASSING)
def test_a_passing_failure_is_tried_again(
    answer: Answer, client: KrakenClient, kraken: Kraken, pair: KrakenPair
) -> None:
    """The second answer is taken as if the first had never been."""
    kraken.queued = [answer]
    assert client.trades(pair, None).rows == 1000
    assert len(kraken.requests) == 2


def test_a_failure_that_stays_is_raised(
    client: KrakenClient, kraken: Kraken, pair: KrakenPair
) -> None:
    """After the last attempt, the last error, so that the caller can wait for longer."""
    kraken.queued = [says("EService:Unavailable")] * 10
    with pytest.raises(Unavailable):
        client.trades(pair, None)
    assert len(kraken.requests) == IMPATIENT.attempts


def test_attempts_end_with_their_time(kraken: Kraken, pair: KrakenPair) -> None:
    """No new attempt is made once the time for one answer is over. Waits in earnest."""
    settings = KrakenClientSettings(call_interval=0, retry_for=0.2, attempts=1000, retry_wait=0.05)
    kraken.queued = [says("EService:Unavailable")] * 1000
    client = KrakenClient(settings, httpx.MockTransport(kraken))
    with client, stamina.set_testing(False), pytest.raises(VenueTransient):
        client.trades(pair, None)
    assert 1 < len(kraken.requests) < 50


def test_a_terminal_error_is_raised_at_once(
    client: KrakenClient, kraken: Kraken, pair: KrakenPair, six_field_body: bytes
) -> None:
    """A row that cannot be read would not be read the next time either."""
    body = six_field_body.replace(b"XXBTZUSD", b"XBTUSDT")
    kraken.queued = [lambda: httpx.Response(200, content=body)]
    with pytest.raises(UnknownRowShape):
        client.trades(pair, None)
    assert len(kraken.requests) == 1


def test_calls_are_paced_by_pair(client: KrakenClient, naps: Naps, pair: KrakenPair) -> None:
    """Two calls for one pair are an interval apart, retries included."""
    client.trades(pair, None)
    required(client.find_pairs(["BTC/USDT"]))
    client.trades(pair, None)
    assert naps.slept == [1.0]


def test_a_rate_limit_slows_all_calls_down(
    client: KrakenClient, kraken: Kraken, naps: Naps, pair: KrakenPair
) -> None:
    """Each in a row for longer; a good answer ends it."""
    kraken.queued = [says("EAPI:Rate limit exceeded")] * 3
    client.trades(pair, None)
    assert naps.slept[0] >= 2
    assert naps.slept[1] >= 4
    assert naps.slept[2] >= 8
    naps.now += 60
    naps.slept.clear()
    kraken.queued = [says("EAPI:Rate limit exceeded")]
    client.system_status()
    assert naps.slept[0] < 4


def test_a_throttle_is_waited_for(
    client: KrakenClient, kraken: Kraken, naps: Naps, pair: KrakenPair
) -> None:
    """The time that Kraken names is kept to."""
    kraken.queued = [says(f"EService: Throttled: {int(NOW.timestamp()) + 30}")]
    client.trades(pair, None)
    assert naps.slept == [30.0]


def test_a_warning_is_logged_and_the_answer_used(client: KrakenClient, kraken: Kraken) -> None:
    """Kraken's warnings reach the log, with the call that they were for."""
    answer = {"error": ["WGeneral:Deprecated"], "result": {"status": "online"}}
    kraken.queued = [lambda: httpx.Response(200, json=answer)]
    structlog.reset_defaults()
    with capture_logs() as logs:
        assert client.system_status() == "online"
    assert logs == [
        {
            "event": "kraken_warns",
            "log_level": "warning",
            "asked": "SystemStatus",
            "messages": ("WGeneral:Deprecated",),
        }
    ]
