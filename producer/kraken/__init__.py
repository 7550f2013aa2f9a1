"""What is known about Kraken alone: its pairs, its pages and its errors.

    client ── one paced, retried call ──▶ transport ── bytes ──▶ envelope ──▶ parse ──▶ row
      │                                                             │           │
    pacing                                                       refusals     digits

    websocket/ ── trades as they happen, over connections of its own

Only `Trade` leaves this package; nothing in it knows Kafka.
"""
