"""Runs the platform's programs as a user starts them, without a process for each.

What is pinned here is what a user or another program relies on. It is reached by the programs and
by as few other names of ours as can be, so that moving a module does not move a test.
"""

import io
import logging
import os
import runpy
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

import pytest
import structlog
from stamina.instrumentation import get_on_retry_hooks, set_on_retry_hooks

from tests.contract.formats.expected import read
from tests.engine import ROOT


@dataclass(frozen=True)
class Ended:
    """How a program ended: its exit status, and what it printed."""

    status: int
    out: str
    err: str


Run = Callable[..., Ended]
"""Runs `python -m PROGRAM ARGUMENTS`, or a script, with nothing but the settings given by name."""


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """See `Run`; programs start in a folder that is empty, but for what they leave there."""
    folder = tmp_path_factory.mktemp("programs")

    def started(program: str, *arguments: str, **settings: str) -> Ended:
        out, err = io.StringIO(), io.StringIO()
        with (
            _nothing_left_behind() as own,
            warnings.catch_warnings(action="ignore", category=RuntimeWarning),  # of runpy's
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            own.chdir(folder)
            own.setattr(sys, "argv", [program, *arguments])
            own.setattr(sys, "path", [*sys.path])
            for name in read("settings.json")["programs"]:
                own.delenv(name, raising=False)
            for name, value in settings.items():
                own.setenv(name, value)
            status = _status_of(program)
        if isinstance(status, str):
            err.write(f"{status}\n")
            status = 1
        return Ended(status, out.getvalue(), err.getvalue())

    return started


def _status_of(program: str) -> Any:
    """What the program hands to `sys.exit`: a number, or a sentence for stderr and status 1."""
    try:
        if program.endswith(".py"):
            runpy.run_path(os.fspath(ROOT / program), run_name="__main__")
        else:
            runpy.run_module(program, run_name="__main__")
    except SystemExit as ended:
        return ended.code or 0
    return 0


@contextmanager
def _nothing_left_behind() -> Iterator[pytest.MonkeyPatch]:
    """Puts back what a program changes: it has a process of its own otherwise."""
    with ExitStack() as after:
        after.callback(set_on_retry_hooks, get_on_retry_hooks())
        after.callback(_set_levels, {name: one.level for name, one in _loggers().items()})
        after.callback(logging.root.handlers.__setitem__, slice(None), [*logging.root.handlers])
        for number in (signal.SIGTERM, signal.SIGINT):
            after.callback(signal.signal, number, signal.getsignal(number))
        if structlog.is_configured():
            after.callback(structlog.configure, **structlog.get_config())
        else:
            after.callback(structlog.reset_defaults)
        yield after.enter_context(pytest.MonkeyPatch.context())


def _loggers() -> dict[str, logging.Logger]:
    return {"": logging.root} | {
        name: one
        for name, one in logging.root.manager.loggerDict.items()
        if isinstance(one, logging.Logger)
    }


def _set_levels(levels: dict[str, int]) -> None:
    for name, one in _loggers().items():
        one.setLevel(levels.get(name, logging.NOTSET))
