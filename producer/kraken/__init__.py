"""What is known about Kraken alone: its pairs, its pages and its errors."""
