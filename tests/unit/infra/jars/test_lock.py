from pathlib import Path

import pytest

from infra.jars.artifact import Coordinates, LockedArtifact
from infra.jars.errors import LockInvalid
from infra.jars.groups import GROUPS
from infra.jars.lock import LOCK_FILE, digest, load_lock, parse_lock, render_lock

SUM = "ab" * 32
CLIENTS = LockedArtifact(Coordinates("org.apache.kafka", "kafka-clients", "4.1.1"), 9, SUM)
REGISTRY = LockedArtifact(Coordinates("io.apicurio", "app", "3.0.9", "tar.gz", "all"), 7, SUM)


def test_a_lock_survives_being_written_and_read() -> None:
    """Every group, archive, size and sum comes back."""
    lock = {"kafka": (CLIENTS,), "registry": (REGISTRY,)}
    assert parse_lock(render_lock(lock)) == lock


def test_comments_and_empty_lines_are_passed_over() -> None:
    """Only headings and archives count."""
    text = f"# why\n\n[kafka]\n  # more\norg.apache.kafka:kafka-clients:jar:4.1.1 9 sha256:{SUM}\n"
    assert parse_lock(text) == {"kafka": (CLIENTS,)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"a:b:jar:1 9 sha256:{SUM}", "line 1: .* before any"),
        ("[kafka]\na:b:jar:1 9 sha256:abc", "line 2: .* is not `archive bytes sha256:hex`"),
        (f"[kafka]\na:b:jar:1 nine sha256:{SUM}", "line 2: .* is not `archive bytes"),
        (f"[kafka]\n\na:b 9 sha256:{SUM}", "line 3: 'a:b' is not org:name"),
    ],
)
def test_a_line_that_is_no_lock_line_is_named(text: str, message: str) -> None:
    """The error has the number of the line and what is wrong with it."""
    with pytest.raises(LockInvalid, match=message):
        parse_lock(text)


def test_a_missing_lock_file_is_reported_with_the_command_that_writes_it(tmp_path: Path) -> None:
    """The error names the file and what to do."""
    with pytest.raises(LockInvalid, match=r"gone\.lock .*python -m infra\.jars --lock"):
        load_lock(tmp_path / "gone.lock")


def test_the_digest_changes_with_any_archive_and_not_with_their_order() -> None:
    """A receipt made from it is valid for exactly one set of archives."""
    other = LockedArtifact(CLIENTS.coordinates, CLIENTS.size, "cd" * 32)
    assert digest([CLIENTS, REGISTRY]) == digest([REGISTRY, CLIENTS])
    assert len({digest([CLIENTS]), digest([other]), digest([CLIENTS, REGISTRY])}) == 3


def test_the_lock_in_the_repository_has_every_root_and_no_address() -> None:
    """Each group is locked with what it asks for by name, wherever it is fetched from."""
    lock = load_lock()
    for group in GROUPS.values():
        assert set(group.roots) <= {artifact.coordinates for artifact in lock[group.name]}
    assert "://" not in LOCK_FILE.read_text()
