"""A conditional write whose key is said to be taken while no object is there."""

import pytest
from obstore.exceptions import AlreadyExistsError

from lake.errors import StoreRefused
from lake.storage.object_path import ObjectPath
from tests.unit.lake.store.stores import Stores

KEY = "lake/commit.json"


def _create(stores: Stores, *, refusals: int) -> bool:
    layout, process = stores.process()
    process.faults["create"] = [AlreadyExistsError("412") for _ in range(refusals)]
    assert isinstance(layout.base, ObjectPath)
    return layout.base.client.create(KEY, b"mine")


def test_a_conflict_that_passes_is_tried_again(stores: Stores) -> None:
    """Another writer was at work on the key, and failed."""
    assert _create(stores, refusals=2)
    assert stores.keys() == ["commit.json"]


def test_one_that_stays_is_named_with_the_key(stores: Stores) -> None:
    """A store that contradicts itself is no store that does not answer."""
    with pytest.raises(StoreRefused, match=r"commit\.json: the store says that the key is taken"):
        _create(stores, refusals=3)
    assert stores.keys() == []
