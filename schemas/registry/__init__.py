"""The contract in a schema registry: its content, registration, and the choice of reader schema."""
