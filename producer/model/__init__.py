"""Trades, pages, gaps and cursors, for any venue. Pure."""
