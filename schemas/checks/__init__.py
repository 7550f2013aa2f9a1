"""Checks that a schema is valid, and that it may follow those before it. Offline and pure."""
