"""The settings of Kraken's clients."""

from dataclasses import dataclass

__all__ = ["KrakenClientSettings", "KrakenFeedSettings"]


@dataclass(frozen=True, slots=True)
class KrakenClientSettings:
    """How to call Kraken. Times in seconds.

    Attributes:
        api_url: `https://api.kraken.com`, or a server that answers like it.
        exchange: The exchange's name in every trade.
        call_interval: Least time from one call for a pair to the next.
        connect_timeout: How long it may take to connect.
        read_timeout: How long Kraken may be silent within an answer.
        attempts: The most calls for one answer.
        retry_for: No retry after this time.
        retry_wait: The wait before the first retry; then doubled and jittered.
        retry_wait_most: The longest such wait.
    """

    api_url: str = "https://api.kraken.com"
    exchange: str = "KRAKEN"
    call_interval: float = 1.0
    connect_timeout: float = 5.0
    read_timeout: float = 15.0
    attempts: int = 5
    retry_for: float = 60.0
    retry_wait: float = 0.5
    retry_wait_most: float = 8.0


@dataclass(frozen=True, slots=True)
class KrakenFeedSettings:
    """How the WebSocket is used. Times in seconds.

    Attributes:
        url: `wss://ws.kraken.com/v2`, or a server that answers like it.
        exchange: The exchange's name in every trade.
        symbols_a_request: The most symbols in one request.
        request_interval: The least time from one request of a connection to the next. Kraken
            documents no number and answers "Exceeded msg rate" beyond its limit, which varies;
            clients that stay below 20 a second have not met it.
        connect_interval: The time from opening one connection to opening the next at the start.
        symbols_a_connection: The most symbols of one connection. Kraken documents no limit for
            trades; for its largest channel it is 200.
        silence: How long no frame may come, heartbeats included; Kraken sends one every second.
        answer_within: How long Kraken may take to answer a subscription.
        connect_within: How long it may take to connect.
        first_wait: The wait after a break; then doubled and jittered.
        longest_wait: The longest such wait.
        denied_wait: The first wait if the firewall before Kraken blocks the address; then doubled.
        longest_denied_wait: The longest such wait.
        stable_after: After a connection that held for so long, waits start at the first again.
        most_waiting: The most arrivals that wait to be taken; later trades are left to REST.
    """

    url: str = "wss://ws.kraken.com/v2"
    exchange: str = "KRAKEN"
    symbols_a_request: int = 50
    request_interval: float = 0.2
    connect_interval: float = 0.2
    symbols_a_connection: int = 200
    silence: float = 5.0
    answer_within: float = 10.0
    connect_within: float = 10.0
    first_wait: float = 1.0
    longest_wait: float = 60.0
    denied_wait: float = 30.0
    longest_denied_wait: float = 900.0
    stable_after: float = 30.0
    most_waiting: int = 100_000
