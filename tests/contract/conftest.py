"""Runs every contract test over whatever the catalogue declares.

A test that asks for `version` runs for each version of each record, `contract` for each record,
`newer_and_older` for each pair of versions, `golden` for each golden record. A new `.avsc` is
thereby covered without a change here.
"""

from itertools import combinations

import pytest

from schemas.catalogue import SchemaVersion, load_catalogue
from schemas.releases.golden import GoldenRecord
from schemas.releases.released import load_releases
from tests.golden_records import load_golden


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrise by the names of a test's arguments."""
    contracts = list(load_catalogue())
    versions = [version for contract in contracts for version in contract.versions]
    released = [version for version in versions if str(version) in load_releases()]
    asked = set(metafunc.fixturenames)
    if "contract" in asked:
        metafunc.parametrize("contract", contracts, ids=[one.record for one in contracts])
    if "version" in asked:
        metafunc.parametrize("version", versions, ids=list(map(str, versions)))
    if "released" in asked:
        metafunc.parametrize("released", released, ids=list(map(str, released)))
    if "newer_and_older" in asked:
        pairs = [
            (contract, newer, older)
            for contract in contracts
            for older, newer in combinations(contract.versions, 2)
        ]
        ids = [f"{newer} and {older}" for _, newer, older in pairs]
        metafunc.parametrize("newer_and_older", pairs, ids=ids)
    if "golden" in asked:
        records = [(version, record) for version in released for record in golden_of(version)]
        ids = [f"{version} {record.name}" for version, record in records]
        metafunc.parametrize("golden", records, ids=ids)


def golden_of(version: SchemaVersion) -> list[GoldenRecord]:
    """The golden records of a version; none if test_immutability reports them: gone, or cut off."""
    try:
        return load_golden(version)
    except (FileNotFoundError, ValueError):
        return []
