"""Kraken to Kafka: every trade as an Avro event, with the position in the same transaction."""
