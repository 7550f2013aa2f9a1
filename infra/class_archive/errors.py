"""What can go wrong while the archive of classes is made."""

__all__ = ["ArchiveFailed"]


class ArchiveFailed(Exception):
    """Java did not make the archive. Spark starts without one, only more slowly."""
