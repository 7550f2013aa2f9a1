"""A lake in an object store in memory."""

import pytest

from lake.layout import LakeLayout
from tests.unit.lake.store.stores import Stores


@pytest.fixture
def stores(monkeypatch: pytest.MonkeyPatch) -> Stores:
    """A bucket that processes share."""
    return Stores(monkeypatch)


@pytest.fixture
def layout(stores: Stores) -> LakeLayout:
    """An empty lake, as one process sees it."""
    return stores.process()[0]
