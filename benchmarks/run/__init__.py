"""How a program is run and measured: processes, rounds, sizes, timelines."""
