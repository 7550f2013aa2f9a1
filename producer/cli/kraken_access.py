"""Connect to Kraken as the programs do, and find the pairs of the settings."""

from producer.cli.symbols import choose
from producer.ingest.retry_policy import RetryPolicy
from producer.ingest.shutdown import StopRequest
from producer.kraken.rest.client import KrakenClient
from producer.kraken.rest.pacing import Pacer
from producer.kraken.settings import KrakenClientSettings
from producer.model.pair import PairChoice
from producer.model.venue_errors import VenueTransient
from producer.settings import ProducerSettings

__all__ = ["choose_pairs", "open_kraken"]


def open_kraken(settings: ProducerSettings, stop: StopRequest) -> KrakenClient:
    """Open a connection to Kraken whose waits a stop can end.

    It tries each call once: the poll loop waits and retries, and a stop can end that too.
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
    )


def choose_pairs(
    kraken: KrakenClient, settings: ProducerSettings, stop: StopRequest, retries: RetryPolicy
) -> PairChoice:
    """Find the pairs of the settings, under the symbols to record; none if stopped while waiting.

    Raises:
        VenueTerminal: Kraken refuses to list its pairs, or one is named twice.
        VenueGaveUp: Kraken does not answer, and the run is meant to end.
        SettingsUnusable: The labels do not fit the pairs.
    """
    while not stop.made():
        try:
            found = kraken.find_pairs(settings.pairs)
        except VenueTransient as error:
            retries.wait_out(error, stop)
        else:
            return choose(settings.pairs, found, settings.symbols)
    return PairChoice({}, {})
