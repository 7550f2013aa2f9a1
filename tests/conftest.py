"""What all tests share: patience with a machine that is busy with something else."""

from hypothesis import settings

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
