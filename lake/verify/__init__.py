"""Verification that a lake is whole: files, rows, log, gaps, and comparison with other sources."""
