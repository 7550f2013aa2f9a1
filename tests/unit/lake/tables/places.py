"""A lake on disk, and one in an object store: import `layout` to run a module's tests on both."""

import pytest

from lake.layout import LakeLayout
from lake.storage.object_path import lake_path

__all__ = ["PLACES", "empty_lake", "layout"]

PLACES = ("disk", "store")


def empty_lake(place: str, request: pytest.FixtureRequest) -> LakeLayout:
    """A lake in one of `PLACES`."""
    if place == "disk":
        return LakeLayout(request.getfixturevalue("tmp_path") / "data", "KRAKEN")
    return LakeLayout(lake_path(f"s3://{request.getfixturevalue('bucket')}/some/lake"), "KRAKEN")


@pytest.fixture(params=PLACES)
def layout(request: pytest.FixtureRequest) -> LakeLayout:
    """An empty lake in each place."""
    return empty_lake(request.param, request)
