import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.embedded.errors import StateInUse
from infra.embedded.state import StateFolder


def test_a_second_stack_on_one_folder_is_refused_and_learns_who_has_it(tmp_path: Path) -> None:
    """Two brokers on one data folder would spoil it."""
    first, second = StateFolder(tmp_path), StateFolder(tmp_path)
    first.hold()
    with pytest.raises(StateInUse, match=rf"in use by .* process {os.getpid()} started"):
        second.hold(grace_seconds=0)
    first.release()
    second.hold(grace_seconds=0)
    second.release()


def test_the_folder_is_held_until_the_last_server_has_ended(tmp_path: Path) -> None:
    """Servers inherit the lock: those of a killed stack still write for a moment."""
    first, second = StateFolder(tmp_path), StateFolder(tmp_path)
    first.hold()
    with subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"],
        stdin=subprocess.PIPE,
        pass_fds=(first.lock_descriptor,),
    ) as server:
        first.release()
        with pytest.raises(StateInUse):
            second.hold(grace_seconds=0)
        server.kill()
    second.hold()
    second.release()


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    """The first start needs no preparation."""
    state = StateFolder(tmp_path / "new" / "state")
    state.hold()
    assert state.logs.is_dir()
    state.release()
    state.release()
