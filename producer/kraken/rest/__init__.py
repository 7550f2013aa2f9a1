"""Kraken's REST API: calls, answers, pages of trades, candles, listed pairs."""
