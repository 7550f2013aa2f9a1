"""What all tests share: longer timeouts for a busy machine."""

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.engine import engine_fault, stack_kind

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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In workers, start the tests of the compose project first: they take longest."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: not item.nodeid.startswith(_IN_DOCKER))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> "ByFile":
    """Decide which tests share a worker, and so a broker, a Spark and a compose project."""
    return ByFile(config, log)


class ByFile(LoadScopeScheduling):
    """A file's tests run in one worker, and all tests of the compose project in the same."""

    def _split_scope(self, nodeid: str) -> str:
        return "docker" if nodeid.startswith(_IN_DOCKER) else nodeid.split("::", maxsplit=1)[0]
