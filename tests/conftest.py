"""What all tests share: patience with a machine that is busy with something else."""

import pytest
from hypothesis import settings

from tests.engine import ROOT, engine_fault, stack_kind

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


def pytest_report_header() -> list[str]:
    """What the integration tests run on, and whether those that need Docker run at all."""
    fault = engine_fault()
    return [
        f"stack: {stack_kind()}",
        f"docker: {f'no engine answers, tests on it are skipped ({fault})' if fault else 'yes'}",
    ]


_IN_DOCKER = (ROOT / "tests" / "dags", ROOT / "tests" / "e2e")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run a file's tests in one worker, and the compose project's in the same.

    The project's start first: they take longest, and mostly wait.
    """
    if not config.getoption("loadgroup", default=False):
        return
    for item in items:
        in_docker = _is_in_docker(item)
        item.add_marker(
            pytest.mark.xdist_group("docker" if in_docker else str(item.path.relative_to(ROOT)))
        )
    items.sort(key=lambda item: not _is_in_docker(item))


def _is_in_docker(item: pytest.Item) -> bool:
    return any(item.path.is_relative_to(folder) for folder in _IN_DOCKER)
