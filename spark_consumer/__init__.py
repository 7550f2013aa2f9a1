"""Kafka to the lake: decodes each record by the schema it names, and lands each trade once."""
