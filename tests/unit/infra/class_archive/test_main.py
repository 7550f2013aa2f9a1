import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.class_archive.__main__ import install, main
from infra.class_archive.archive import ClassArchive
from infra.class_archive.errors import ArchiveFailed
from runtime.deadline import Deadline

WRITES = """\
for argument; do case $argument in -XX:SharedArchiveFile=*) file=${argument#*=};; esac; done
echo classes >"$file"
echo made >>"$0.log"
"""
DIES_HALFWAY = WRITES + "echo 'no space left' >&2\nexit 1\n"


def defaults(archive: ClassArchive) -> Path:
    """The settings of its pyspark."""
    return archive.pyspark / "conf" / "spark-defaults.conf"


def times_made(archive: ClassArchive) -> int:
    """How often its Java has run."""
    return len(Path(f"{archive.java.path}.log").read_text(encoding="utf-8").splitlines())


def test_the_archive_is_made_once_and_named_in_the_settings(
    archive_by: Callable[[str], ClassArchive], capsys: pytest.CaptureFixture[str]
) -> None:
    """The second run has nothing to do, and says nothing."""
    archive = archive_by(WRITES)
    install(archive, defaults(archive))
    assert "making it" in capsys.readouterr().out
    install(archive, defaults(archive))
    assert capsys.readouterr().out == ""
    assert times_made(archive) == 1
    assert archive.file.read_text(encoding="utf-8") == "classes\n"
    settings = defaults(archive).read_text(encoding="utf-8")
    assert str(archive.file) in settings
    assert settings.endswith("spark.a b\n")


def test_an_archive_that_no_longer_fits_is_replaced(
    archive_by: Callable[[str], ClassArchive],
) -> None:
    """The old one goes, and so does what a killed run left behind."""
    archive = archive_by(WRITES)
    install(archive, defaults(archive))
    old = archive.file
    old.with_name(f"{old.name}.17.partial").write_text("half", encoding="utf-8")
    archive.class_list.write_text("java/lang/String\n", encoding="utf-8")
    install(archive, defaults(archive))
    assert list(archive.folder.glob("*.jsa*")) == [archive.file]
    assert old != archive.file
    assert str(archive.file) in defaults(archive).read_text(encoding="utf-8")


def test_a_java_that_fails_leaves_everything_as_it_was(
    archive_by: Callable[[str], ClassArchive],
) -> None:
    """No half-written file, no setting, and an error with what Java said."""
    archive = archive_by(DIES_HALFWAY)
    before = defaults(archive).read_text(encoding="utf-8")
    with pytest.raises(ArchiveFailed, match=r"(?s)status 1.*no space left"):
        install(archive, defaults(archive))
    assert list(archive.folder.glob("*.jsa*")) == []
    assert defaults(archive).read_text(encoding="utf-8") == before


def test_a_java_that_makes_none_and_reports_no_error_has_failed(
    archive_by: Callable[[str], ClassArchive],
) -> None:
    """Some versions of Java only warn that they cannot."""
    archive = archive_by("exit 0")
    with pytest.raises(ArchiveFailed):
        install(archive, defaults(archive))


def test_a_complete_environment_may_be_read_only(
    archive_by: Callable[[str], ClassArchive], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written where nothing is missing."""
    archive = archive_by(WRITES)
    install(archive, defaults(archive))

    def refuse(*_: object, **__: object) -> None:
        raise OSError("read-only file system")

    for method in ("mkdir", "write_text", "replace", "unlink"):
        monkeypatch.setattr(Path, method, refuse)
    install(archive, defaults(archive))


def test_without_java_one_line_says_what_to_install_and_setup_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Spark needs no archive to start, so that the status is 0."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main([]) == 0
    assert "none, so Spark starts more slowly: No java on PATH" in capsys.readouterr().out


def test_two_at_once_make_one(
    archive_by: Callable[[str], ClassArchive], capsys: pytest.CaptureFixture[str]
) -> None:
    """The second waits for the first, and finds what that has made."""
    archive = archive_by(
        f'touch "$0.running"\nwhile [ ! -e "$0.go" ]; do sleep 0.05; done\n{WRITES}'
    )
    running, go = (Path(f"{archive.java.path}.{name}") for name in ("running", "go"))
    said = ""
    with ThreadPoolExecutor() as pool:
        first = pool.submit(install, archive, defaults(archive))
        deadline = Deadline(120)
        while not running.exists() and not deadline.passed:
            time.sleep(0.01)
        second = pool.submit(install, archive, defaults(archive))
        while "waiting for another process" not in said and not deadline.passed:
            time.sleep(0.01)
            said += capsys.readouterr().out
        go.touch()
        first.result()
        second.result()
    assert "waiting for another process" in said
    assert times_made(archive) == 1
