"""What all tests share: longer timeouts for a busy machine."""

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.engine import engine_fault, stack_kind
from tests.object_store.fixture import bucket, object_store

__all__ = ["bucket", "object_store"]

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


def pytest_report_header() -> list[str]:
    """What the integration tests run on, and whether those that need Docker run at all."""
    fault = engine_fault()
    return [
        f"stack: {stack_kind()}",
        f"docker: {f'no engine answers, tests on it are skipped ({fault})' if fault else 'yes'}",
    ]


_IN_DOCKER = ("tests/dags/", "tests/e2e/")
_OF_READERS = "tests/integration/readers/"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In workers, start the tests of the compose project first: they take longest."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: not item.nodeid.startswith(_IN_DOCKER))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> "ByFile":
    """Decide which tests share a worker, and so a broker, a Spark and a compose project."""
    return ByFile(config, log)


class ByFile(LoadScopeScheduling):
    """A file's tests run in one worker, all of the compose project in one, of readers in one."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(_IN_DOCKER):
            return "docker"
        # Both files use the same answers, which take a minute.
        if nodeid.startswith(_OF_READERS):
            return "readers"
        return nodeid.split("::", maxsplit=1)[0]
