"""Everything specific to Kraken: its pairs, its pages and its errors.

    client ── one paced, retried call ──▶ transport ── bytes ──▶ envelope ──▶ parse ──▶ row
      │                                                             │           │
    pacing                                                       refusals     digits

    websocket/ ── trades as they happen, over its own connections

It returns only types of `producer.model`, and does not use Kafka.
"""
