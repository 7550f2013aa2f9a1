"""What is released never changes. Judged by recorded fingerprints, so a shallow clone will do."""

from schemas.catalogue import SchemaVersion, load_catalogue
from schemas.released import changes_since_release, golden_changes_since_release, load_releases


def test_no_released_schema_changed_or_vanished() -> None:
    """Every released `.avsc` has the bytes that it was released with."""
    changes = list(changes_since_release(load_catalogue(), load_releases()))
    assert not changes, "\n".join(changes)


def test_no_golden_record_changed_or_vanished() -> None:
    """Every golden file has the bytes that were written at the release."""
    changes = list(golden_changes_since_release(load_catalogue(), load_releases()))
    assert not changes, "\n".join(changes)


def test_every_version_is_released(version: SchemaVersion) -> None:
    """A version is merged together with its golden records and its fingerprint."""
    assert str(version) in load_releases(), "release it: python -m schemas release"
