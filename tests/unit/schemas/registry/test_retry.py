"""A registry at fault is asked again, and the log says what is asked."""

import pytest
import stamina
import structlog

from schemas.errors import RegistryRefused, RegistryUnavailable, TransientRegistryError
from schemas.registry.retry import ask_patiently


class Answers:
    """Fails so often, then answers."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)

    def __call__(self) -> str:
        """The answer, or the next error."""
        if self._errors:
            raise self._errors.pop(0)
        return "answer"


def test_a_line_says_what_was_asked_and_why_it_failed() -> None:
    """It holds no Python object."""
    down = RegistryUnavailable("the schema registry at URL cannot be reached")
    with structlog.testing.capture_logs() as lines, stamina.set_testing(True, attempts=3, cap=True):
        call = Answers(down)
        answer = ask_patiently(call, "the versions of s", on=TransientRegistryError, patience=9)
    lines = [line for line in lines if not line["event"].startswith("stamina.")]
    assert answer == "answer"
    assert lines == [
        {
            "event": "registry_at_fault",
            "log_level": "warning",
            "asked_for": "the versions of s",
            "attempt": 1,
            "reason": "the schema registry at URL cannot be reached",
        }
    ]


def test_a_refusal_is_not_asked_again() -> None:
    """Wrong credentials stay wrong."""
    call = Answers(RegistryRefused("HTTP 401"))
    with pytest.raises(RegistryRefused), structlog.testing.capture_logs() as lines:
        ask_patiently(call, "the versions of s", on=TransientRegistryError, patience=9)
    assert lines == []
