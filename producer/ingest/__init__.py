"""Get trades from a venue and have them published: polling, live feed, backfill, gaps, retries."""
