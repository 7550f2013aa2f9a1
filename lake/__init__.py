"""What is on disk: the layout, the commit log, and what can be told from them."""

from lake.log.snapshot import files
from lake.read.columns import schema

__all__ = ["files", "schema"]
