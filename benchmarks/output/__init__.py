"""What was measured: figures, tables, plots, the results file."""
