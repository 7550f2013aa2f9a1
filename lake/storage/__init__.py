"""The operations on a file system that the commit protocol rests on."""
