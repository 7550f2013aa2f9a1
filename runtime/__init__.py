"""What every program here needs, whatever it does."""
