"""The lake as the pages show it: files by pair and hour, trades, candles, completeness."""
