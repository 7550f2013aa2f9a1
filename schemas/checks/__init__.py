"""Whether a schema is sound, and whether it may follow those before it: offline and pure."""
