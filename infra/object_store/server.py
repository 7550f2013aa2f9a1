"""The running object store: versitygw on loopback, over a folder."""

import http.client
import json
import os
import random
import secrets
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from infra.embedded.ports import LOOPBACK, choose_each, is_free, recall_ports, remember_ports
from infra.embedded.server import Program, Server
from infra.embedded.server_group import ServerGroup
from infra.object_store.build import built

__all__ = ["REGION", "ObjectStore"]

REGION: Final = "us-east-1"
_NAME: Final = "object-store"


class ObjectStore(ServerGroup):
    """An S3 server on loopback, which runs as long as the `with` block.

    Buckets, keys and the port persist in `state_dir`. The server ends with this process, however
    it ends.

    Args:
        state_dir: the folder for all of its state.
        jars_dir: the folder that keeps downloads; the server is built there.
        read_only: refuse every write.
        versions: keep old versions of objects in the buckets that ask for it.

    Raises on entering:
        StoreUnavailable: The server cannot be built on this machine.
        EmbeddedError: It did not start.
    """

    endpoint: str
    """The base URL for clients."""
    server: Server

    def __init__(
        self, state_dir: Path, jars_dir: Path, *, read_only: bool = False, versions: bool = False
    ) -> None:
        super().__init__(state_dir, jars_dir)
        self._read_only: Final = read_only
        self._versions: Final = versions
        self.access_key = self.secret_key = ""

    @property
    def objects(self) -> Path:
        """The folder whose subfolders are the buckets."""
        return self._state.folder / "objects"

    def make_bucket(self, name: str) -> None:
        """Make a bucket, unless it is there: on this server it is a folder."""
        (self.objects / name).mkdir(exist_ok=True)

    def env(self) -> dict[str, str]:
        """Return the variables that point clients of S3 to this server."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
        }

    def check(self) -> None:
        """Raise ServerDied if the server has ended by itself."""
        self.server.check()

    def freeze(self) -> None:
        """Suspend the server: it keeps its connections and does nothing."""
        os.kill(self.server.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Resume a frozen server."""
        os.kill(self.server.pid, signal.SIGCONT)

    def _start(self) -> None:
        program = built(self._jars_dir).resolve()
        self._hold_folder()
        remembered = recall_ports(self._state.ports)
        ports = choose_each((_NAME,), remembered, is_free, random.SystemRandom())
        remember_ports(self._state.ports, ports)
        port = ports[_NAME]
        self.access_key, self.secret_key = self._keys()
        self.endpoint = f"http://{LOOPBACK}:{port}"
        for folder in (self.objects, self._metadata, self._old_versions):
            folder.mkdir(exist_ok=True)
        self.server = Server(self._program(program, port), self._state, self._spawner(_NAME))
        self._exits.callback(self.server.stop)
        self.server.start()

    @property
    def _metadata(self) -> Path:
        return self._state.folder / "metadata"

    @property
    def _old_versions(self) -> Path:
        return self._state.folder / "versions"

    def _program(self, program: Path, port: int) -> Program:
        return Program(
            _NAME,
            (
                program,
                *("--port", f"{LOOPBACK}:{port}", "--region", REGION, "--health", "/health"),
                *(("--readonly",) if self._read_only else ()),
                # Metadata in files: not every file system has extended attributes.
                *("posix", "--sidecar", self._metadata),
                *(("--versioning-dir", self._old_versions) if self._versions else ()),
                self.objects,
            ),
            lambda: _is_ok(port),
            _credentials(self.access_key, self.secret_key),
        )

    def _keys(self) -> tuple[str, str]:
        """Return the keys of this folder; made by chance at its first start."""
        path = self._state.folder / "keys.json"
        if not path.exists():
            made = [secrets.token_hex(10).upper(), secrets.token_urlsafe(30)]
            partial = path.with_suffix(".partial")
            partial.touch(mode=0o600)
            partial.write_text(json.dumps(made), encoding="utf-8")
            partial.rename(path)
        access, secret = json.loads(path.read_text(encoding="utf-8"))
        return access, secret


def _credentials(access: str, secret: str) -> Mapping[str, str]:
    # As variables: arguments can be read by every user of the machine.
    return {"ROOT_ACCESS_KEY": access, "ROOT_SECRET_KEY": secret}


def _is_ok(port: int) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
