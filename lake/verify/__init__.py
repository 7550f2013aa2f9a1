"""The proof that a lake is whole: files, rows, log, gaps, and what others say of them."""
