"""What the pages ask of Kafka, the producer's programs and the schema registry."""
