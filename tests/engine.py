"""Checks whether there is a Docker engine to test with."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

DOCKER = shutil.which("docker") or "docker"
ROOT = Path(__file__).resolve().parents[1]


@cache
def engine_fault() -> str:
    """Why no engine answers; empty if one does. DOCKER_TESTS=skip is not to ask."""
    if os.environ.get("DOCKER_TESTS") == "skip":
        return "DOCKER_TESTS=skip"
    try:
        answer = subprocess.run(
            [DOCKER, "info", "--format", "{{.ServerVersion}}"],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return answer.stderr.strip() if answer.returncode else ""


def stack_kind() -> str:
    """What integration tests run on: `containers` where an engine answers, else `embedded`.

    STACK forces one.

    Raises:
        UsageError: STACK is neither.
    """
    forced = os.environ.get("STACK", "")
    if forced not in ("", "containers", "embedded"):
        raise pytest.UsageError(f"STACK={forced}: it is containers or embedded")
    return forced or ("embedded" if engine_fault() else "containers")


def require_engine() -> None:
    """Skip the test where no engine answers; fail it where DOCKER_TESTS=required."""
    why = engine_fault()
    if not why:
        return
    if os.environ.get("DOCKER_TESTS") == "required":
        pytest.fail(f"DOCKER_TESTS=required, and no Docker engine answers: {why}")
    pytest.skip(f"no Docker engine answers ({why})")
