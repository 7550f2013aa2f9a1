"""What the producer knows of trades, pages and gaps, whatever the venue: pure."""
