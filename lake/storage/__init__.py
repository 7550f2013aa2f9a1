"""The file-system operations that the commit protocol needs."""
