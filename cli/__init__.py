"""`kraken-lake`: one command for all programs of the platform."""
