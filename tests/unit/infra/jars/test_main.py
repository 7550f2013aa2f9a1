from pathlib import Path

import pytest

from infra.jars.__main__ import main, parse_arguments
from infra.jars.installation import DEFAULT_FOLDER


def test_all_groups_are_meant_when_none_is_named() -> None:
    """`python -m infra.jars` sees to everything, in the repository's folder."""
    parsed = parse_arguments([])
    assert (parsed.groups, parsed.folder, parsed.lock) == ([], DEFAULT_FOLDER, False)


def test_an_unknown_group_is_refused_with_those_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A typing error gets a usage line, not a traceback."""
    with pytest.raises(SystemExit):
        main(["kafkka"])
    assert "no group kafkka; there are kafka, registry, spark" in capsys.readouterr().err


def test_without_java_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Archives to fetch and no Java to run Ivy with: status 1 and a clear line."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["kafka", "--folder", str(tmp_path)]) == 1
    assert "infra.jars: No java on PATH" in capsys.readouterr().err
