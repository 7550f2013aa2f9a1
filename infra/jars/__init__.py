"""Installs the Java archives that the broker, the registry and Spark need."""
