"""Commits, the commit log, its checkpoint, and the lake as of one commit."""
