"""The whole pipeline on this machine: the demo, and `make run`, which continues until Ctrl-C.

embedded stack ─┐
replay server ──┴▶ programs (register, produce, land) ──▶ table of the lake
"""
