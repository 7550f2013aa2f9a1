"""The producer's commands: what they connect, and what they print."""
