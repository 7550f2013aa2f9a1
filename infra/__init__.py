"""What runs the platform: a stack without Docker, a stand-in for Kraken, the demo."""
