"""The commit protocol where there is no rename, no swap and no lock: in an object store."""
