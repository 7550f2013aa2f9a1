"""The commit protocol: staging, deduplication, publishing, compaction."""
