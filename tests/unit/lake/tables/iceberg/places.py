"""Where a lake and the catalog of its Iceberg table may be: import `layout` for tests on all.

In a store, ICEBERG_CATALOG_URI names the catalog, as a user would; `catalog_of` has it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lake.layout import LakeLayout
from lake.settings import LakeSettings
from tests.rest_catalog.server import serve_catalog
from tests.unit.lake.tables.places import empty_lake

__all__ = ["IN_STORE", "PLACES", "catalog_of", "in_store", "lake_in", "layout", "reading"]

IN_STORE = ("store", "store by REST")
PLACES = ("disk", "disk by REST", *IN_STORE)


def catalog_of(layout: LakeLayout) -> str:
    """The address of the catalog: as ICEBERG_CATALOG_URI says, or the file beside the lake."""
    return LakeSettings().catalog_uri or f"sqlite:///{layout.base}/_iceberg/catalog.db"


def reading(layout: LakeLayout) -> dict[str, str]:
    """What PyIceberg's own way of reading files needs for the tests' store, beside AWS's keys."""
    if not layout.is_on_store:
        return {}
    return {"s3.endpoint": os.environ["AWS_ENDPOINT_URL"], "s3.region": "us-east-1"}


@contextmanager
def lake_in(place: str, request: pytest.FixtureRequest) -> Iterator[LakeLayout]:
    """An empty lake in one of `PLACES`, and its catalog."""
    where, _, by_rest = place.partition(" by ")
    layout, folder = empty_lake(where, request), request.getfixturevalue("tmp_path")
    patch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
    if by_rest:
        with serve_catalog(folder, **reading(layout)) as rest:
            patch.setenv("ICEBERG_CATALOG_URI", rest.uri)
            yield layout
    else:
        if layout.is_on_store:
            patch.setenv("ICEBERG_CATALOG_URI", f"sqlite:///{folder}/catalog.db")
        yield layout


@pytest.fixture(params=PLACES)
def layout(request: pytest.FixtureRequest) -> Iterator[LakeLayout]:
    """An empty lake in each place."""
    with lake_in(request.param, request) as empty:
        yield empty


@pytest.fixture(params=IN_STORE)
def in_store(request: pytest.FixtureRequest) -> Iterator[LakeLayout]:
    """An empty lake in the store, by each kind of catalog."""
    with lake_in(request.param, request) as empty:
        yield empty
