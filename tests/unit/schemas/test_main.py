import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from schemas.__main__ import app
from schemas.catalogue import load_catalogue

if TYPE_CHECKING:
    from click.testing import Result
    from conftest import FakeRegistry

V1 = load_catalogue().trade.version(1).text


@pytest.fixture
def in_reach(fake: "FakeRegistry", monkeypatch: pytest.MonkeyPatch) -> "FakeRegistry":
    """The running fake, named by the environment."""
    monkeypatch.setenv("SCHEMA_REGISTRY_URL", fake.url)
    monkeypatch.setenv("KAFKA_TOPIC", "t")
    return fake


def run(command: str) -> "Result":
    """One run of the command, in a terminal wide enough."""
    return CliRunner().invoke(app, [command], env={"COLUMNS": "200"})


def spoil(registry: "FakeRegistry") -> None:
    """Have the registry hold trades whose price has another scale."""
    registry.put("t-value", V1.replace('"scale":10', '"scale":8'))


def test_list_needs_no_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every version is shown with its subject, after KAFKA_TOPIC, its mode and fingerprint."""
    monkeypatch.setenv("KAFKA_TOPIC", "t")
    shown = run("list")
    assert shown.exit_code == 0
    for contract in load_catalogue():
        for version in contract.versions:
            assert f"v{version.version}" in shown.stdout
    assert "t.cursors-value" in shown.stdout
    assert "FULL_TRANSITIVE" in shown.stdout
    assert "not released" not in shown.stdout


def test_check_needs_no_registry() -> None:
    """Without SCHEMA_REGISTRY_URL the versions are checked against each other alone."""
    shown = run("check")
    assert shown.exit_code == 0
    assert "no registry: fine" in shown.stdout


def test_check_plans_against_the_registry(in_reach: "FakeRegistry") -> None:
    """With a registry named, the plan says what would be registered, and nothing is written."""
    shown = run("check")
    assert shown.exit_code == 0
    assert "register" in shown.stdout
    assert "becomes FULL_TRANSITIVE" in shown.stdout
    assert in_reach.writes == []


def test_check_fails_where_the_registry_holds_what_may_not_be_followed(
    in_reach: "FakeRegistry",
) -> None:
    """The exit status is 1, and subject, field and rule are named."""
    spoil(in_reach)
    shown = run("check")
    assert shown.exit_code == 1
    assert "trade v1 may not follow t-value version 1: field price" in shown.stdout
    assert "[decimal_kept]" in shown.stdout
    assert "Traceback" not in shown.output


def test_register_twice(in_reach: "FakeRegistry") -> None:
    """The first run registers, the second says that everything is unchanged."""
    first, second = run("register"), run("register")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "registered" in first.stdout
    assert second.stdout.count("unchanged") == sum(
        len(contract.versions) for contract in load_catalogue()
    )
    assert "registered" not in second.stdout
    for schema_id, _ in in_reach.subjects["t-value"]:
        assert str(schema_id) in second.stdout


def test_register_refuses_in_one_line(in_reach: "FakeRegistry") -> None:
    """An incompatible subject is an error on stderr that names subject, field and rule."""
    spoil(in_reach)
    shown = run("register")
    assert shown.exit_code == 1
    assert shown.stdout == ""
    assert shown.stderr.startswith("schemas: nothing was registered: ")
    assert shown.stderr.count("\n") == 1
    for part in ("t-value version 1", "field price", "decimal_kept"):
        assert part in shown.stderr
    assert in_reach.writes == []


def test_register_takes_released_versions_alone(
    in_reach: "FakeRegistry", monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version that may still change does not reach the registry, and nothing else does."""
    monkeypatch.setattr("schemas.__main__.load_releases", dict)
    shown = run("register")
    assert shown.exit_code == 1
    assert "trade v1 is not released" in shown.stderr
    assert in_reach.writes == []


@pytest.mark.parametrize("command", ["check", "register"])
@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (401, b"{}", "refuses access"),
        (200, b"<html>\n<body>", "is no schema registry"),
        (404, b"<html>\n", "unexpected answer"),
    ],
)
@pytest.mark.parametrize("fake", ["confluent"], indirect=True)
def test_a_registry_at_fault_is_one_line(
    in_reach: "FakeRegistry", command: str, status: int, body: bytes, expected: str
) -> None:
    """Refusal and rubbish give one line on stderr and exit status 1, never a traceback."""
    in_reach.always = (status, body)
    shown = run(command)
    assert shown.exit_code == 1
    assert expected in shown.stderr
    assert shown.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("SCHEMA_REGISTRY_URL", "http://127.0.0.1:1", "cannot be reached"),
        ("SCHEMA_REGISTRY_URL", "127.0.0.1", "SCHEMA_REGISTRY_URL: is no http"),
        ("SCHEMA_REGISTRY_USERNAME", "me", "go together"),
    ],
)
def test_wrong_settings_are_one_line(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, expected: str
) -> None:
    """A registry that is down, and settings that cannot be, give one line and exit status 1."""
    monkeypatch.setenv(variable, value)
    shown = run("register")
    assert shown.exit_code == 1
    assert expected in shown.stderr
    assert shown.stderr.count("\n") == 1


def test_release_has_nothing_to_do() -> None:
    """In the repository every version is released, so the command changes nothing."""
    shown = run("release")
    assert shown.exit_code == 0
    assert "nothing changed" in shown.stdout


def test_the_ids_shown_are_the_registrys(in_reach: "FakeRegistry") -> None:
    """An id in the table is the one that records will carry."""
    run("register")
    (schema_id, text), *_ = in_reach.subjects["t-value"]
    assert json.loads(text) == json.loads(V1)
    line = next(line for line in run("register").stdout.splitlines() if " v1 " in line)
    assert line.split()[:3] == ["t-value", "v1", str(schema_id)]
