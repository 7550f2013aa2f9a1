"""The lake's pages: a read-only web server over the lake's files and its commit log."""
