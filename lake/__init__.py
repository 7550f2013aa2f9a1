"""What is on disk: the layout, the commit log, and what can be told from them."""

from lake.columns import schema
from lake.snapshot import files

__all__ = ["files", "schema"]
