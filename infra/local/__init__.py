"""The whole pipeline on this machine: the demo, and a run that goes on."""
