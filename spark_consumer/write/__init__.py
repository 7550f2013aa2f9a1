"""Micro-batches: decoded, staged as Parquet by Spark's tasks, committed to the lake."""
