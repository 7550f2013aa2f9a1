"""Kraken's WebSocket v2: trades as they happen.

    feed (a thread) ── connection ── frames ──▶ messages ──▶ entries ──▶ arrivals
                          │
                   subscriptions

A connection resubscribes after every break. Kraken replays nothing to it, so the consumer of the
arrivals compares the trade ids and asks REST for what is missing.
"""
