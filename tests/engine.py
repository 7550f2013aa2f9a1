"""Whether there is a Docker engine to test with."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

DOCKER = shutil.which("docker") or "docker"
ROOT = Path(__file__).resolve().parents[1]
_BRINGS_UP = ROOT.parent / "shared" / "tools" / "docker-host.sh"


def require_engine() -> None:
    """Skip the test where no engine answers; in CI, which starts one where it can, fail it."""
    try:
        answer = subprocess.run(
            [DOCKER, "info", "--format", "{{.ServerVersion}}"],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        why = answer.stderr.strip() if answer.returncode else ""
    except (OSError, subprocess.TimeoutExpired) as error:
        why = str(error)
    if not why:
        return
    if os.environ.get("CI") == "true" and _BRINGS_UP.exists():
        pytest.fail(f"CI has a Docker engine to start, and none answers: {why}")
    pytest.skip(f"no Docker engine answers ({why})")
