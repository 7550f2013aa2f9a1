"""What the client makes of a no: about one pair, about the address, or about the call."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from infra.fake_kraken import DEFAULT_RECORDING, ReplayServer, load_recording
from infra.fake_kraken.market.listing import RenamedTape, tokenized
from producer.kraken.pairs import KrakenPair
from producer.kraken.rest.client import KrakenClient, KrakenClientSettings
from producer.kraken.rest.listing import required
from producer.model.venue_errors import (
    AccessDenied,
    AddressRefused,
    PairRefused,
    RequestRefused,
    UnknownPair,
    VenueError,
    VenueTransient,
)

Answers = list[httpx.Response]
GOOD = {"error": [], "result": {"XBTUSDT": [], "last": "1"}}


@pytest.fixture
def answers() -> Answers:
    """What comes, one after the other."""
    return []


@pytest.fixture
def client(answers: Answers) -> Iterator[KrakenClient]:
    """A client that tries once."""
    settings = KrakenClientSettings(call_interval=0, attempts=1)
    with KrakenClient(settings, httpx.MockTransport(lambda _: answers.pop(0))) as client:
        yield client


def says(message: str) -> httpx.Response:
    """Kraken's error answer."""
    return httpx.Response(200, json={"error": [message]})


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("EQuery:Unknown asset pair", UnknownPair),
        ("EGeneral:Invalid arguments", PairRefused),
        ("EGeneral:Invalid arguments:aclass", PairRefused),
    ],
)
def test_a_no_to_a_call_about_a_pair_is_about_that_pair(
    client: KrakenClient, answers: Answers, pair: KrakenPair, message: str, kind: type[VenueError]
) -> None:
    """So that the other pairs may go on."""
    answers += [says(message), says(message)]
    asks: list[Callable[[], object]] = [
        lambda: client.trades(pair, None),
        lambda: client.candles(pair),
    ]
    for ask in asks:
        with pytest.raises(kind, match=message) as raised:
            ask()
        assert type(raised.value) is kind


def test_a_no_to_a_call_about_no_pair_is_about_the_call(
    client: KrakenClient, answers: Answers
) -> None:
    """It is not taken for a pair's."""
    answers.append(says("EGeneral:Invalid arguments"))
    with pytest.raises(RequestRefused) as raised:
        client.system_status()
    assert type(raised.value) is RequestRefused


@pytest.mark.parametrize("status", [403, 404])
def test_a_shield_passes_where_answers_came_before(
    client: KrakenClient, answers: Answers, pair: KrakenPair, status: int
) -> None:
    """It is about the address, and no reason to end."""
    answers += [
        httpx.Response(200, json=GOOD),
        httpx.Response(status, html="<title>Just a moment</title>"),
        httpx.Response(200, json=GOOD),
    ]
    client.trades(pair, "1")
    with pytest.raises(AccessDenied, match=f"HTTP {status}") as raised:
        client.trades(pair, "1")
    assert isinstance(raised.value, VenueTransient)
    assert raised.value.about_address
    assert client.trades(pair, "1").rows == 0


def test_an_address_without_kraken_is_reported_at_the_first_call(
    client: KrakenClient, answers: Answers
) -> None:
    """With the setting that names it."""
    answers.append(httpx.Response(404, html="not here"))
    with pytest.raises(AddressRefused, match=r"404.*KRAKEN_API_URL"):
        required(client.find_pairs(["BTC/USD"]))


def test_a_shield_at_the_first_call_is_waited_out(client: KrakenClient, answers: Answers) -> None:
    """As the feed does."""
    answers.append(httpx.Response(403, html="<title>Just a moment</title>"))
    with pytest.raises(AccessDenied):
        required(client.find_pairs(["BTC/USD"]))


def test_tokenized_shares_are_found_and_asked_for_as_such() -> None:
    """AssetPairs, Trades and OHLC each want to know their class."""
    recording = load_recording(DEFAULT_RECORDING)
    share = tokenized(RenamedTape.of(recording, "AAPLx", "USD"))
    with ReplayServer([recording, share]) as server:
        settings = KrakenClientSettings(api_url=server.url, call_interval=0, attempts=1)
        with KrakenClient(settings) as client:
            coin, pair = required(client.find_pairs(["BTC/USDT", "AAPLx/USD"]))
            page = client.trades(pair, "0")
            candles = client.candles(pair)
    assert {candle.symbol for candle in candles} <= {"AAPLx/USD"}
    assert (pair.symbol, pair.feed_name, pair.asset_class) == (
        "AAPLx/USD",
        "AAPLx/USD",
        "tokenized_asset",
    )
    assert coin.asset_class == "currency"
    assert {trade.symbol for trade in page.trades} == {"AAPLx/USD"}


def test_where_tokenized_assets_are_refused_coins_are_found(
    client: KrakenClient, answers: Answers
) -> None:
    """Kraken does not offer them everywhere; a name of theirs is then an unknown one."""
    pairs = {"XXBTZUSD": {"altname": "XBTUSD", "wsname": "XBT/USD"}}
    answers += [
        httpx.Response(200, json={"error": [], "result": pairs}),
        says("EGeneral:Invalid arguments:aclass_base"),
    ]
    coin, unknown = client.find_pairs(["btc/usd", "AAPLx/USD"])
    assert isinstance(coin, KrakenPair)
    assert isinstance(unknown, UnknownPair)
