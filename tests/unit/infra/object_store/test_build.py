"""Building the object store's server, without building it."""

import stat
from pathlib import Path

import pytest

from infra.object_store import build
from infra.object_store.build import built, built_path
from infra.object_store.errors import BuildFailed, GoMissing
from infra.object_store.go import find_go, parse_version


def program(path: Path, text: str) -> Path:
    """A shell script in place of Go."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("go version go1.26.8 linux/amd64", (1, 26)),
        ("go version go1.9 linux/arm64", (1, 9)),
        ("sh: go: not found", None),
    ],
)
def test_the_version_of_go(said: str, version: tuple[int, int] | None) -> None:
    """As `go version` prints it."""
    assert parse_version(said) == version


def test_an_old_go_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two, the one is taken that can build the server."""
    program(tmp_path / "bin" / "go", "echo go version go1.19.8 linux/amd64")
    new = program(tmp_path / "go" / "go" / "bin" / "go", "echo go version go1.27.3 linux/amd64")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    assert find_go(tmp_path) == new


def test_without_go_and_without_a_way_to_install_it_the_message_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a machine that reaches no package index."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(program(tmp_path / "python", "exit 1")))
    with pytest.raises(GoMissing, match=r"could not be installed .* Install Go 1\.25 or newer"):
        find_go(tmp_path)


def test_it_is_built_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second call finds it; half a program is never found."""
    go = program(
        tmp_path / "go" / "bin" / "go",
        'if [ "$1" = version ]; then echo go version go1.27.3; exit; fi\n'
        f'echo run >>{tmp_path}/runs; while [ "$1" != -o ]; do shift; done; echo built >"$2"',
    )
    monkeypatch.setattr(build, "find_go", lambda _: go)
    assert built(tmp_path).read_text() == "built\n"
    assert built(tmp_path) == built_path(tmp_path)
    assert (tmp_path / "runs").read_text() == "run\n"


def test_a_build_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And leaves nothing that looks built."""
    go = program(tmp_path / "bin" / "go", "echo no route to the module >&2; exit 1")
    monkeypatch.setattr(build, "find_go", lambda _: go)
    with pytest.raises(BuildFailed, match=r"no route to the module\n.*GOPROXY"):
        built(tmp_path)
    assert not built_path(tmp_path).exists()
