"""The variables that set the platform up: their names, defaults and choices."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from pydantic_settings import BaseSettings

from tests.contract.formats.expected import read
from tests.engine import ROOT

EXPECTED = read("settings.json")


@pytest.fixture(scope="module")
def settings() -> list[type[BaseSettings]]:
    """Every class of settings that a program of ours reads, wherever it stands."""
    for program in (
        "producer.__main__",
        "schemas.__main__",
        "lake",
        "console.app",
        "spark_consumer.replay",
    ):
        import_module(program)
    return [*_below(BaseSettings)]


def _below(kind: type[BaseSettings]) -> Iterator[type[BaseSettings]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def variables(kind: type[BaseSettings]) -> Iterator[tuple[str, str, Any]]:
    """Each variable that a class reads, its default as a line of `.env` has it, its JSON schema."""
    schema = kind.model_json_schema().get("properties", {})
    for name, field in kind.model_fields.items():
        variable = f"{kind.model_config.get('env_prefix', '')}{name}".upper()
        yield variable, "" if field.default is None else str(field.default), schema[name]


def test_variables_keep_their_names_and_defaults(settings: list[type[BaseSettings]]) -> None:
    """A `.env` of today means the same tomorrow; where programs share a variable, one default."""
    found = {(name, default) for kind in settings for name, default, _ in variables(kind)}
    assert sorted(found) == sorted(EXPECTED["programs"].items())


def test_choices_keep_their_names(settings: list[type[BaseSettings]]) -> None:
    """Of variables that take one of a few words."""
    found = {
        name: choices
        for kind in settings
        for name, _, schema in variables(kind)
        for one in (schema, *schema.get("anyOf", ()))
        if (choices := one.get("enum"))
    }
    assert found == EXPECTED["choices"]


def test_variables_of_compose_keep_their_names_and_defaults() -> None:
    """`tests/unit/test_docs.py` holds the compose files against the same lines."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    assert {f"{name}={default}" for name, default in EXPECTED["compose"].items()} <= set(lines)
