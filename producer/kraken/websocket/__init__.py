"""Kraken's WebSocket v2: trades as they happen.

    feed (a thread) ── connection ── frames ──▶ messages ──▶ entries ──▶ arrivals
                          │
                   subscriptions

A connection resubscribes after every break; nothing is replayed to it, so whoever takes the
arrivals holds the trade ids together and has REST fill what is missing. Only `Trade` leaves.
"""
