import os
import signal
import subprocess
import sys
import time

import pytest

from infra.child_process import tied
from tests.liveness import is_gone

_PARENT = """
import subprocess, sys, time
from infra.child_process import tied
child = subprocess.Popen(tied([sys.executable, "-c", "import time; time.sleep(120)"]))
print(child.pid, flush=True)
time.sleep(120)
"""


def test_a_tied_child_keeps_the_process_id_that_it_was_started_with() -> None:
    """The small program becomes the command, so the id known to the parent is the command's."""
    code = "import os; print(os.getpid())"
    with subprocess.Popen(tied([sys.executable, "-c", code]), stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert int(child.stdout.read()) == child.pid


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties children to their parent")
def test_a_tied_child_dies_when_its_parent_is_killed() -> None:
    """SIGKILL leaves the parent no time to end anything; the kernel does it."""
    with subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert not is_gone(child)
        parent.kill()
    deadline = time.monotonic() + 10
    while not is_gone(child):
        assert time.monotonic() < deadline, "the child outlived its parent"
        time.sleep(0.02)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties children to their parent")
def test_a_child_whose_parent_is_gone_already_does_not_start() -> None:
    """The parent may die before prctl is called; then the command must not start."""
    command = tied([sys.executable, "-c", "print('started')"])
    command[command.index(str(os.getpid()))] = "1"
    answer = subprocess.run(command, capture_output=True, check=True, timeout=120)
    assert answer.stdout == b""


def test_the_exit_status_is_the_commands_own() -> None:
    """The waiting parent sees how the command ended, including by a signal."""
    code = f"import os; os.kill(os.getpid(), {signal.SIGTERM.value})"
    assert subprocess.run(tied([sys.executable, "-c", code]), check=False).returncode == -15
