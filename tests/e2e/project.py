"""The compose project under test: its own name, ports, volumes and lake, away from a user's."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from tests.engine import DOCKER, ROOT
from tests.ports import free_port

FILES = ("compose.yaml", "compose.local-images.yaml", "compose.replay.yaml")
PORTS = (
    "AIRFLOW_PORT",
    "CONSOLE_PORT",
    "KAFKA_PORT",
    "PRODUCER_METRICS_PORT",
    "PRODUCER_METRICS_PORT",
    "SCHEMA_REGISTRY_PORT",
    "SPARK_MASTER_PORT",
    "SPARK_MASTER_UI_PORT",
    "SPARK_UI_PORT",
    "STORE_PORT",
    "STREAM_METRICS_PORT",
)
STREAMING = "kraken_spark_streaming"
MAINTENANCE = "kraken_lake_maintenance"
BACKFILL = "kraken_backfill"


def wait_for(condition: Callable[[], object], what: str, *, seconds: float) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(2)


@dataclass(frozen=True)
class ComposeProject:
    """Runs `docker compose` on the project's files with settings of its own."""

    environment: Mapping[str, str]

    @classmethod
    def in_folder(cls, folder: Path, *more: str, **settings: str) -> "ComposeProject":
        """A project whose lake lies in `folder`, and with more compose files perhaps elsewhere."""
        files = ":".join(str(ROOT / "infra" / "compose" / name) for name in (*FILES, *more))
        ports = {name: str(free_port()) for name in PORTS}
        return cls(
            {
                **os.environ,
                **ports,
                **settings,
                "COMPOSE_FILE": files,
                "COMPOSE_PROJECT_NAME": "kraken-lake-e2e",
                "LAKE_FOLDER": str(folder),
            }
        )

    def run(self, *arguments: str, seconds: float = 300) -> str:
        """One `docker compose` command; if it fails, the error has its output."""
        answer = subprocess.run(
            [DOCKER, "compose", *arguments],
            cwd=ROOT,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert answer.returncode == 0, f"{arguments}: {answer.stderr[-3000:]}"
        return answer.stdout

    def up(self) -> None:
        """Bring everything up, and wait until it is healthy."""
        self.run("up", "--detach", "--wait", seconds=300)

    def states(self) -> dict[str, str]:
        """Per service `healthy`, `exited 0` and so on; of several containers the worst."""
        lines = self.run("ps", "--all", "--format", "json").splitlines()
        states: dict[str, str] = {}
        for one in map(json.loads, lines):
            state = one["Health"] or f"{one['State']} {one['ExitCode']}"
            if states.get(one["Service"], "healthy") in ("healthy", "exited 0"):
                states[one["Service"]] = state
        return states

    def master(self) -> Any:
        """Return the Spark master's page as JSON."""
        port = self.environment["SPARK_MASTER_UI_PORT"]
        return httpx.get(f"http://127.0.0.1:{port}/json/", timeout=60).json()

    def busy_workers(self) -> set[str]:
        """The addresses of the workers that an executor runs on."""
        return {one["host"] for one in self.master()["workers"] if one["coresused"]}

    def airflow(
        self, path: str, body: Mapping[str, object] | None = None, *, method: str = "GET"
    ) -> Any:
        """Airflow's API, logged in as the documented user."""
        base = f"http://127.0.0.1:{self.environment['AIRFLOW_PORT']}"
        login = {"username": "admin", "password": "admin"}
        token = httpx.post(f"{base}/auth/token", json=login, timeout=120).json()["access_token"]
        answer = httpx.request(
            method,
            f"{base}/api/v2/{path}",
            json=body,
            headers={"Authorization": f"Bearer {token}"},
            timeout=120,
        )
        answer.raise_for_status()
        return answer.json()

    def runs(self, state: str, dag: str = STREAMING) -> int:
        """How many runs of a DAG are in this state."""
        total: int = self.airflow(f"dags/{dag}/dagRuns?state={state}")["total_entries"]
        return total

    def run_dag(self, dag: str, **params: object) -> str:
        """Start a DAG by hand; returns the state that the run ends in."""
        body = {"logical_date": None, "conf": params}
        run_id = self.airflow(f"dags/{dag}/dagRuns", body, method="POST")["dag_run_id"]
        path = f"dags/{dag}/dagRuns/{quote(run_id)}"

        def ended() -> bool:
            return self.airflow(path)["state"] in ("success", "failed")

        wait_for(ended, f"the end of {dag}'s run", seconds=400)
        state: str = self.airflow(path)["state"]
        return state

    def pause(self, *, paused: bool) -> None:
        """Pause the stream's DAG, or let it go on."""
        self.airflow(f"dags/{STREAMING}", {"is_paused": paused}, method="PATCH")

    def remains(self) -> list[str]:
        """The project's containers, volumes and networks that are still there."""
        label = f"label=com.docker.compose.project={self.environment['COMPOSE_PROJECT_NAME']}"
        lists = (("ps", "--all"), ("volume", "ls"), ("network", "ls"))
        found: list[str] = []
        for kind in lists:
            answer = subprocess.run(
                [DOCKER, *kind, "--quiet", "--filter", label],
                capture_output=True,
                text=True,
                check=True,
            )
            found += answer.stdout.split()
        return found
