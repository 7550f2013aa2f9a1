"""A small catalog of Iceberg tables that is asked by REST: synthetic, over PyIceberg's SQL catalog.

It answers the requests of Iceberg's REST specification that keeping a table takes: config,
namespaces, and loading, making, changing and dropping a table. As a real one does, it checks a
commit's requirements and writes the metadata itself, by its own way of writing files and not by the
client's. It has none of their logins, warehouses and credentials for clients.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel
from pyiceberg.catalog.rest import CreateTableRequest, NamespaceResponse, TableResponse
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import (
    CommitFailedException,
    NamespaceAlreadyExistsError,
    NoSuchNamespaceError,
    NoSuchTableError,
    TableAlreadyExistsError,
)
from pyiceberg.partitioning import UNPARTITIONED_PARTITION_SPEC
from pyiceberg.table import CommitTableRequest, CommitTableResponse, Table

__all__ = ["RestCatalogServer", "serve_catalog"]

_STATUS: dict[type[Exception], HTTPStatus] = {
    NoSuchTableError: HTTPStatus.NOT_FOUND,
    NoSuchNamespaceError: HTTPStatus.NOT_FOUND,
    NamespaceAlreadyExistsError: HTTPStatus.CONFLICT,
    TableAlreadyExistsError: HTTPStatus.CONFLICT,
    CommitFailedException: HTTPStatus.CONFLICT,
}


class _Config(BaseModel):
    defaults: dict[str, str] = {}
    overrides: dict[str, str] = {}


class _Refusal(BaseModel):
    error: dict[str, Any]


@dataclass
class RestCatalogServer:
    """What the server knows, and what it was asked.

    Attributes:
        catalog: where the tables are.
        uri: its address.
        requests: method and path of each request that was carried out.
        loses: whether the answer to one is lost: the connection ends without it.
    """

    catalog: SqlCatalog
    uri: str = ""
    requests: list[str] = field(default_factory=list)
    loses: Callable[[str], bool] = lambda _: False

    def answer(self, method: str, path: str, body: bytes) -> BaseModel | None:
        """Carry out a request.

        Raises:
            NotImplementedError: It is none of those that keeping a table takes.
        """
        match (method, *(unquote(part) for part in path.strip("/").split("/"))):
            case "GET", "v1", "config":
                return _Config()
            case "POST", "v1", "namespaces":
                asked = NamespaceResponse.model_validate_json(body)
                self.catalog.create_namespace(asked.namespace, asked.properties)
                return asked
            case "POST", "v1", "namespaces", namespace, "tables":
                wanted = CreateTableRequest.model_validate_json(body)
                return _loaded(self._create(namespace, wanted))
            case "GET", "v1", "namespaces", namespace, "tables", name:
                return _loaded(self.catalog.load_table((namespace, name)))
            case "POST", "v1", "namespaces", namespace, "tables", name:
                return self._commit((namespace, name), CommitTableRequest.model_validate_json(body))
            case "DELETE", "v1", "namespaces", namespace, "tables", name:
                self.catalog.drop_table((namespace, name))
                return None
        raise NotImplementedError(f"{method} {path}")

    def _create(self, namespace: str, asked: CreateTableRequest) -> Table:
        return self.catalog.create_table(
            (namespace, asked.name),
            asked.table_schema,
            location=asked.location,
            partition_spec=asked.partition_spec or UNPARTITIONED_PARTITION_SPEC,
            properties=asked.properties,
        )

    def _commit(self, name: tuple[str, str], asked: CommitTableRequest) -> CommitTableResponse:
        table = self.catalog.load_table(name)
        return self.catalog.commit_table(table, asked.requirements, asked.updates)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    rest: ClassVar[RestCatalogServer]

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        found: BaseModel | None
        try:
            found, status = self.rest.answer(self.command, path, body), HTTPStatus.OK
        except Exception as error:  # noqa: BLE001 - a server answers whatever happens
            status = _STATUS.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR)
            said = {"message": str(error), "type": type(error).__name__, "code": status.value}
            found = _Refusal(error=said)
        asked = f"{self.command} {path}"
        self.rest.requests.append(asked)
        if self.rest.loses(asked):
            self.close_connection = True
            return
        content = b""
        if found is not None:
            content = found.model_dump_json(by_alias=True, exclude_none=True).encode()
        self.send_response_only(HTTPStatus.NO_CONTENT if found is None else status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_DELETE = _handle  # noqa: N815 - the base's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Keep the test's output to what the test says."""


@contextmanager
def serve_catalog(folder: Path, **properties: str) -> Iterator[RestCatalogServer]:
    """Serve an empty catalog on loopback until the block ends.

    Args:
        folder: where its database is.
        properties: how it reads and writes files, as PyIceberg takes it.
    """
    database = f"sqlite:///{folder}/behind-rest.db"
    rest = RestCatalogServer(SqlCatalog("behind-rest", uri=database, **properties))
    handler = type("Handler", (_Handler,), {"rest": rest})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    rest.uri = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield rest
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        rest.catalog.close()


def _loaded(table: Table) -> TableResponse:
    return TableResponse(metadata_location=table.metadata_location, metadata=table.metadata)
