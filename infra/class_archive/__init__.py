"""Makes the archive of Spark's classes that lets its Java start faster (docs/adr/0039)."""
