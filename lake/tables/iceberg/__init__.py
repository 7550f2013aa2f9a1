"""The lake's files as an Iceberg table, in a catalog."""
