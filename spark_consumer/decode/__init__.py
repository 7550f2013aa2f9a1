"""Decodes Kafka records to trades, or to a reason for quarantine, as columns of a DataFrame."""
