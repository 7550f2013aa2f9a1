"""The producer's use of Kafka: topics, cursors, records, transactions, publishing."""
