"""What is known about Kraken alone: its pairs, its pages and its errors.

    client ── one paced, retried call ──▶ transport ── bytes ──▶ envelope ──▶ parse ──▶ row
      │                                                             │           │
    pacing                                                       refusals     digits

Only `Trade` leaves this package; nothing in it knows Kafka.
"""
