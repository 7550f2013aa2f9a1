"""Releases a version: writes its fingerprint and golden records, which never change again."""
