"""What is on disk: the layout, the commit log, and how both are read and checked."""

from lake.log.snapshot import files
from lake.read.columns import schema

__all__ = ["files", "schema"]
