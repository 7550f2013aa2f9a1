"""What the producer's commands put together, and how they print it."""
