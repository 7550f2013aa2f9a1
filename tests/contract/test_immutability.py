"""What is released never changes. Judged by recorded fingerprints, so a shallow clone will do."""

from schemas.catalogue import load_catalogue
from schemas.releases.released import (
    changes_since_release,
    golden_changes_since_release,
    load_releases,
    unreleased,
)


def test_no_released_schema_changed_or_vanished() -> None:
    """Every released `.avsc` has the bytes that it was released with."""
    changes = list(changes_since_release(load_catalogue(), load_releases()))
    assert not changes, "\n".join(changes)


def test_no_golden_record_changed_or_vanished() -> None:
    """Every golden file has the bytes that were written at the release."""
    changes = list(golden_changes_since_release(load_catalogue(), load_releases()))
    assert not changes, "\n".join(changes)


def test_every_version_is_released() -> None:
    """A version is merged together with its golden records and its fingerprint."""
    missing = list(unreleased(load_catalogue(), load_releases()))
    assert not missing, "\n".join(missing)
