"""What a merge must pass, here and on the machines of the hosted CI."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.java import NEWEST_VERSION, OLDEST_VERSION
from tests.engine import ROOT

WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"


@pytest.fixture(scope="module")
def workflow() -> dict[Any, Any]:
    """The hosted workflow."""
    parsed: dict[Any, Any] = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    return parsed


@pytest.fixture(scope="module")
def job(workflow: dict[Any, Any]) -> dict[str, Any]:
    """Its one job."""
    (only,) = workflow["jobs"].values()
    assert isinstance(only, dict)
    return only


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    """The [project] of pyproject.toml."""
    parsed: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return parsed["project"]  # type: ignore[no-any-return]


def versions(job: dict[str, Any], name: str) -> set[str]:
    """Those of the matrix."""
    return {leg[name] for leg in job["strategy"]["matrix"]["include"]}


def test_the_workflow_runs_what_everybody_runs(job: dict[str, Any]) -> None:
    """`.ci/run` and nothing else, last."""
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    assert job["steps"][-1]["run"] == ".ci/run"
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_the_workflow_tests_the_pythons_of_the_project(
    job: dict[str, Any], project: dict[str, Any]
) -> None:
    """Those that the classifiers name, from the oldest that is required on; setup finds them."""
    pythons = versions(job, "python")
    named = {match[1] for name in project["classifiers"] if (match := re.search(r"(3\.\d+)", name))}
    assert pythons == named
    oldest = min(pythons, key=lambda version: int(version.partition(".")[2]))
    assert project["requires-python"] == f">={oldest}"
    setup = (ROOT / "infra" / "setup.sh").read_text(encoding="utf-8")
    assert set(re.findall(r"python(3\.\d+)", setup)) == pythons
    assert job["env"]["PYTHON"] == "python${{ matrix.python }}"


def test_the_workflow_tests_the_javas_of_the_readme(job: dict[str, Any]) -> None:
    """All are among those that setup takes."""
    javas = versions(job, "java")
    assert javas == {"17", "21", "25"}
    assert all(OLDEST_VERSION <= int(java) <= NEWEST_VERSION for java in javas)


def test_one_run_of_the_workflow_needs_docker(job: dict[str, Any]) -> None:
    """A test that finds no engine fails there, and is skipped in the others."""
    legs = job["strategy"]["matrix"]["include"]
    assert sorted(leg["docker"] for leg in legs) == ["required", "skip", "skip"]
    assert job["env"]["DOCKER_TESTS"] == "${{ matrix.docker }}"


def test_the_workflow_may_only_read(workflow: dict[Any, Any], job: dict[str, Any]) -> None:
    """No permission but that, no secret, an end to each run."""
    assert workflow["permissions"] == {"contents": "read"}
    assert "permissions" not in job
    assert "secrets." not in WORKFLOW.read_text(encoding="utf-8")
    assert job["timeout-minutes"] <= 120
    assert workflow["concurrency"]["cancel-in-progress"] is True


def test_actions_are_pinned() -> None:
    """By the hash of a commit, with its version in a comment."""
    uses = re.findall(r"uses: (.*)", WORKFLOW.read_text(encoding="utf-8"))
    assert uses
    assert [one for one in uses if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[\d.]+", one)] == []


def test_caches_are_kept_by_locks(job: dict[str, Any]) -> None:
    """Another lock is another cache; what names it is there."""
    keys = [step["with"]["key"] for step in job["steps"] if "cache" in step.get("uses", "")]
    locks = [re.findall(r"hashFiles\('([^']+)'\)", key) for key in keys]
    assert len(locks) == 2
    for (lock,) in locks:
        assert list(ROOT.glob(lock)), lock


def test_the_projects_addresses_are_addresses(project: dict[str, Any]) -> None:
    """Package indexes show them as links."""
    urls = project.get("urls", {})
    assert [url for url in urls.values() if not url.startswith("https://")] == []


def run_ci(folder: Path, **programs: str) -> "subprocess.CompletedProcess[str]":
    """`.ci/run` in a project of its own, where only these programs are on PATH."""
    script, bin_folder = folder / "project" / ".ci" / "run", folder / "bin"
    script.parent.mkdir(parents=True)
    bin_folder.mkdir()
    shutil.copy(ROOT / ".ci" / "run", script)
    for tool in ("dirname", "id"):
        (bin_folder / tool).symlink_to(str(shutil.which(tool)))
    for name, line in {"python3": "exit 0", **programs}.items():
        (bin_folder / name).write_text(f"#!/bin/sh\n{line}\n")
        (bin_folder / name).chmod(0o755)
    return subprocess.run(
        [str(script)],
        env={"PATH": str(bin_folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "docker", [{}, {"docker": "exit 0"}, {"docker": "exit 1"}], ids=["absent", "up", "down"]
)
def test_ci_needs_nothing_outside_the_repository(tmp_path: Path, docker: dict[str, str]) -> None:
    """With Docker or without, everything is linted and tested; tests look for Docker."""
    ended = run_ci(tmp_path, make='echo "make $1 ${DOCKER_TESTS:-}"', **docker)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == "make lint \nmake test \n"


def test_a_failed_check_fails_ci(tmp_path: Path) -> None:
    """Nothing goes on behind it."""
    ended = run_ci(tmp_path, make='echo "make $1"; exit 2')
    assert (ended.returncode, ended.stdout) == (2, "make lint\n")
