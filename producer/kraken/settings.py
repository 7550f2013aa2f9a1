"""How Kraken is called: what a program hands to the client."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KrakenClientSettings:
    """How to call Kraken. Times in seconds.

    Attributes:
        api_url: `https://api.kraken.com`, or what answers like it.
        exchange: The exchange's name in every trade.
        call_interval: Least time from one call for a pair to the next.
        connect_timeout: How long a connection may take to come about.
        read_timeout: How long Kraken may keep silent within an answer.
        attempts: Most calls for one answer.
        retry_for: No new attempt after this time.
        retry_wait: The wait before the first new attempt; doubled and jittered from there.
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
        url: `wss://ws.kraken.com/v2`, or what speaks like it.
        exchange: The exchange's name in every trade.
        symbols_a_request: Most symbols in one request.
        symbols_a_connection: Most symbols of one connection. Kraken names no limit for trades;
            for its largest channel it is 200.
        silence: How long nothing may come, heartbeats included, which Kraken sends every second.
        answer_within: How long Kraken may take to answer a subscription.
        connect_within: How long a connection may take to come about.
        first_wait: The wait after a break; doubled and jittered from there.
        longest_wait: The longest such wait.
        denied_wait: The first wait where the shield before Kraken turns the address away; doubled.
        longest_denied_wait: The longest such wait.
        stable_after: A connection that held for so long starts over with the first wait.
        most_waiting: Most arrivals that wait to be taken; what comes then is left to REST.
    """

    url: str = "wss://ws.kraken.com/v2"
    exchange: str = "KRAKEN"
    symbols_a_request: int = 50
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
