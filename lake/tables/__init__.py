"""Tables of open formats over the lake's very own files, derived from its commit log."""
