"""The commands of `python -m lake`."""
