"""The broker and the registry of the compose project, as containers, in place of the embedded ones.

They are the project's own stand-ins for the public images, which can be built wherever the
project can; COMPOSE_FILES in the environment names other files, such as compose.yaml alone.
"""

import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import stamina
from testcontainers.compose import DockerCompose

from tests.engine import ROOT
from tests.ports import free_port

_FOLDER: Final = ROOT / "infra" / "compose"
_FILES: Final = "compose.yaml:compose.local-images.yaml"
_BROKER: Final = "kafka"
_REGISTRY: Final = "schema-registry"


class ContainerStack:
    """A broker and a registry in Docker, up while the `with` block runs.

    It offers what `infra.embedded.EmbeddedStack` offers to tests.
    """

    def __init__(self, state_dir: Path) -> None:
        files = os.environ.get("COMPOSE_FILES", _FILES).split(":")
        broker, registry = free_port(), free_port()
        settings = state_dir / "compose.env"
        settings.write_text(
            f"COMPOSE_PROJECT_NAME=kraken-lake-{state_dir.name.lower()}-{broker}\n"
            f"KAFKA_PORT={broker}\nSCHEMA_REGISTRY_PORT={registry}\n",
            encoding="utf-8",
        )
        self.bootstrap_servers: Final = f"localhost:{broker}"
        api = "/apis/ccompat/v7" if "compose.local-images.yaml" in files else ""
        self.registry_url: Final = f"http://localhost:{registry}{api}"
        self._compose: Final = DockerCompose(
            _FOLDER,
            compose_file_name=files,
            services=[_BROKER, _REGISTRY],
            env_file=str(settings),
            build=True,
        )

    def __enter__(self) -> Self:
        self._compose.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._compose.stop()

    def env(self) -> dict[str, str]:
        """The settings that point our programs to this stack."""
        return {
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap_servers,
            "SCHEMA_REGISTRY_URL": self.registry_url,
        }

    def start_broker(self) -> None:
        """Start the broker again, on the same port, and wait until it answers."""
        self._run("up", "--detach", "--wait", _BROKER)

    def stop_broker(self) -> None:
        """Stop the broker with SIGTERM."""
        self._run("stop", _BROKER)

    def kill_broker(self) -> None:
        """Kill the broker, as in a crash."""
        self._run("kill", _BROKER)

    def freeze_broker(self) -> None:
        """Suspend the broker: it keeps its connections and does nothing."""
        self._run("pause", _BROKER)

    def thaw_broker(self) -> None:
        """Resume a frozen broker, and wait until its health check succeeds."""
        self._run("unpause", _BROKER)
        for attempt in stamina.retry_context(on=subprocess.CalledProcessError, attempts=None):
            with attempt:
                self.start_broker()

    def start_registry(self) -> None:
        """Start the registry again, on the same port, and wait until it answers."""
        self._run("up", "--detach", "--wait", _REGISTRY)

    def stop_registry(self) -> None:
        """Stop the registry with SIGTERM."""
        self._run("stop", _REGISTRY)

    def kill_registry(self) -> None:
        """Kill the registry, as in a crash."""
        self._run("kill", _REGISTRY)

    def _run(self, *arguments: str) -> None:
        subprocess.run(
            [*self._compose.compose_command_property, *arguments],
            cwd=_FOLDER,
            check=True,
            capture_output=True,
            timeout=180,
        )
