"""Releasing a version: its fingerprint and its golden records, which never change again."""
