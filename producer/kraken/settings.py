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
