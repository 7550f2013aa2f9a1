"""Kafka to the lake: decoded by the schema each record names, landed once."""
