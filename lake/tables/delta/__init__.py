"""The lake's files as a Delta table: its log is written here, its data files are the lake's own."""
