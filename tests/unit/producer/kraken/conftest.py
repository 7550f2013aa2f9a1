"""Recorded answers of Kraken's, and the pair that most of them are of."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from producer.kraken.pairs import KrakenPair

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def trades_body() -> bytes:
    """A full page: 1000 trades of XBTUSDT."""
    return (DATA / "trades_XBTUSDT_2025-11-10.json").read_bytes()


@pytest.fixture(scope="session")
def six_field_body() -> bytes:
    """A page of 2013, whose rows have no trade_id."""
    return (DATA / "trades_XXBTZUSD_2013_six_fields.json").read_bytes()


@pytest.fixture(scope="session")
def candles_body() -> bytes:
    """Candles of XBTUSDT, from the same hours as the page of trades."""
    return (DATA / "ohlc_XBTUSDT_2025-11-10.json").read_bytes()


@pytest.fixture(scope="session")
def asset_pairs_body() -> bytes:
    """AssetPairs for XBTUSDT alone."""
    return (DATA / "asset_pairs_XBTUSDT.json").read_bytes()


@pytest.fixture(scope="session")
def pair() -> KrakenPair:
    """The pair of the recorded page."""
    return KrakenPair("XBTUSDT", "XBT/USDT", "XBTUSDT", "BTC/USDT")


@pytest.fixture(scope="session")
def ingested_at() -> datetime:
    """When the page is said to have been received."""
    return datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)
