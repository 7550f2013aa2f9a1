"""The stream's access to Kafka: the topic, its offsets, options, and reading record by record."""
