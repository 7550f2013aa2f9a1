"""Connect to Kraken as the programs do, and find the pairs of the settings."""

from collections.abc import Callable
from typing import TypeVar

from producer.cli.pairs_by_rule import choose_by_rules
from producer.cli.symbols import choose
from producer.ingest.retry_policy import RetryPolicy
from producer.kraken.rest.client import KrakenClient
from producer.kraken.rest.pacing import Pacer
from producer.kraken.settings import KrakenClientSettings
from producer.metrics import NO_METRICS, ProducerMetrics
from producer.model.pair import PairChoice
from producer.model.venue_errors import VenueTransient
from producer.settings import ProducerSettings
from runtime.shutdown import StopRequest

__all__ = ["choose_now", "choose_pairs", "open_kraken", "until_answered"]

T = TypeVar("T")


def open_kraken(
    settings: ProducerSettings, stop: StopRequest, metrics: ProducerMetrics = NO_METRICS
) -> KrakenClient:
    """Open a connection to Kraken whose waits a stop can end.

    It tries each call once: its callers wait and retry, and a stop can end that too.
    """
    interval = settings.kraken_call_interval_seconds
    return KrakenClient(
        KrakenClientSettings(
            api_url=settings.kraken_api_url,
            exchange=settings.exchange,
            call_interval=interval,
            attempts=1,
        ),
        pacer=Pacer(interval, sleep=stop.wait),
        metrics=metrics,
    )


def until_answered(ask: Callable[[], T], stop: StopRequest, retries: RetryPolicy) -> T | None:
    """Ask until there is an answer; None if stopped while waiting.

    Raises:
        VenueTerminal: Asking again would change nothing.
        VenueGaveUp: Kraken does not answer, and the run is meant to end.
    """
    while not stop.made():
        try:
            return ask()
        except VenueTransient as error:
            retries.wait_out(error, stop)
    return None


def choose_pairs(
    kraken: KrakenClient, settings: ProducerSettings, stop: StopRequest, retries: RetryPolicy
) -> PairChoice:
    """Find the pairs of the settings, under the symbols to record; none if stopped while waiting.

    Raises:
        VenueTerminal: Kraken refuses to list its pairs, or one is named twice.
        VenueGaveUp: Kraken does not answer, and the run is meant to end.
        SettingsUnusable: A rule matches nothing, or the labels do not fit the pairs.
    """
    choice = until_answered(lambda: choose_now(kraken, settings), stop, retries)
    return PairChoice({}, {}) if choice is None else choice


def choose_now(kraken: KrakenClient, settings: ProducerSettings) -> PairChoice:
    """Find the pairs of the settings with one question.

    Raises:
        VenueError: Kraken does not list its pairs, or one is named twice.
        SettingsUnusable: A rule matches nothing, or the labels do not fit the pairs.
    """
    rules = settings.rules
    if rules.by_rule:
        return choose_by_rules(rules, kraken.list_pairs(), settings.symbols)
    return choose(rules.names, kraken.find_pairs(rules.names), settings.symbols)
