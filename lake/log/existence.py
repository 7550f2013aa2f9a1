"""Whether there is a lake in a place."""

from lake.errors import LakeMissing
from lake.layout import LakeLayout

__all__ = ["refuse_missing"]


def refuse_missing(layout: LakeLayout) -> None:
    """Refuse a place without a lake.

    Raises:
        LakeMissing: It has no commit log.
    """
    if not layout.commits.exists():
        raise LakeMissing(
            f"{layout.base} holds no lake of {layout.exchange}: there is no commit log. Set "
            "BASE_OUTPUT_PATH and EXCHANGE to where it is."
        )
