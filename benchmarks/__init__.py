"""What `make bench` runs: the platform's figures, each beside its rivals' in the same run."""
