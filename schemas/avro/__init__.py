"""Avro for any record: framings, encoding, references, and reading by the writer's types."""
