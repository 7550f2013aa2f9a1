"""The rivals, each as its documentation shows it, each a program of its own.

A program is started with a `Job` as its one argument.
"""
