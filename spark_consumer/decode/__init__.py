"""From Kafka records to trades, or to a reason for quarantine: columns of a DataFrame."""
