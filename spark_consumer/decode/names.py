"""The columns that decoding adds to an event, and that each task reads."""

from typing import Final

__all__ = ["IS_TRADE", "NOTED_HEADER"]

IS_TRADE: Final = "is-trade"
"""Column, never null: whether the record goes into the lake."""

NOTED_HEADER: Final = "noted-header"
"""Column: the header of a record whose schema is not known yet, or has fields that the reader
lacks; null for all others."""
