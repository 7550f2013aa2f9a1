"""A Kafka broker and a schema registry as local processes."""
