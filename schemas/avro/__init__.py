"""Avro, whatever the record: framings, encoding, references, reading by the writer's types."""
