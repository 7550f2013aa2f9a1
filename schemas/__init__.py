"""The contract: Avro schemas, their catalogue, the wire format and the registry."""
