import os
import signal
import subprocess
import sys
import time

import pytest

from runtime.shutdown import StopRequest

PROGRAM = """
from runtime.shutdown import StopRequest
stop = StopRequest()
stop.on_signals()
print("ready", flush=True)
while not stop.wait(60):
    pass
print("stopped", flush=True)
while True:
    pass
"""


def test_a_wait_lasts_as_long_as_asked_without_a_stop() -> None:
    """It then returns that no stop was requested."""
    began = time.monotonic()
    assert not StopRequest().wait(0.05)
    assert time.monotonic() - began >= 0.05


def test_a_stop_ends_every_wait() -> None:
    """Also one that has not begun yet, and one of no length."""
    stop = StopRequest()
    assert not stop.made()
    stop.make()
    assert stop.made()
    assert stop.wait(60)
    assert stop.wait(-1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_asks_and_the_second_ends(number: signal.Signals) -> None:
    """A program that hangs after the first one can still be ended by the same means."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        os.kill(program.pid, number)
        assert program.stdout.readline() == "stopped\n"
        os.kill(program.pid, number)
        assert program.wait(10) == -number
