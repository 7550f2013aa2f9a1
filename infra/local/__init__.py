"""The whole pipeline on this machine: the demo, and a run that goes on.

embedded stack ─┐
replay server ──┴▶ programs (register, produce, land) ──▶ table of the lake
"""
