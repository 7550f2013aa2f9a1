"""What `make bench` runs: measures the platform and its rivals in the same run."""
