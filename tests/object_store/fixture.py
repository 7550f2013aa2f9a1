"""An object store for tests: one server for all of a process, a bucket for each test."""

import os
import shutil
import uuid
from collections.abc import Iterator

import pytest

from infra.jars.installation import DEFAULT_FOLDER as JARS
from infra.object_store.errors import StoreUnavailable
from infra.object_store.server import ObjectStore

__all__ = ["bucket", "object_store"]


@pytest.fixture(scope="session")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """A real S3 server on loopback, started once and ended with the tests.

    Tests that need it are skipped, with the reason, where it cannot be built; they fail there with
    STORE_TESTS=required.
    """
    folder = tmp_path_factory.mktemp("object-store")
    try:
        with ObjectStore(folder, JARS) as store:
            yield store
    except StoreUnavailable as error:
        if os.environ.get("STORE_TESTS") == "required":
            pytest.fail(f"STORE_TESTS=required, and there is no object store: {error}")
        pytest.skip(f"no object store on this machine: {error}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def bucket(object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of an empty bucket; the environment points clients of S3 to it."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    object_store.make_bucket(name)
    for variable, value in object_store.env().items():
        monkeypatch.setenv(variable, value)
    return name
