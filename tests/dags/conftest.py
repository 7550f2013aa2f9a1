"""The DAGs as Airflow itself sees them, asked in its own image: here there is no Airflow."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.engine import DOCKER, ROOT, require_engine

DESCRIBE = Path(__file__).with_name("describe.py")


@pytest.fixture(scope="session")
def described() -> Any:
    """What `describe.py` prints: import errors, and each DAG with its tasks."""
    require_engine()
    subprocess.run(
        [DOCKER, "compose", "build", "--quiet", "airflow-init"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=1200,
    )
    answer = subprocess.run(
        [
            *(DOCKER, "run", "--rm", "--interactive", "--network", "none"),
            *("--volume", f"{ROOT}/airflow/dags:/opt/airflow/dags:ro"),
            *("--env", "AIRFLOW__CORE__LOAD_EXAMPLES=false"),
            *("kraken-lake/airflow", "python", "-"),
        ],
        input=DESCRIBE.read_text(encoding="utf-8"),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout.splitlines()[-1])
