"""The contract in a schema registry: what stands there, what would be registered, and who reads."""
