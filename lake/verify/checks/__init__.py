"""What `lake verify` checks, a module each."""
