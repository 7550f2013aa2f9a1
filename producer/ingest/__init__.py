"""From a venue to a publication: polling, live feed, backfill, gaps, retries."""
