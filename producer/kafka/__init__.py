"""Kafka as the producer uses it: topics, cursors, records, transactions, publishing."""
