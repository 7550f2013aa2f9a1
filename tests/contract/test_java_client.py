"""The golden records in Confluent's clients for Java, version 7.9.5: as everywhere else.

That version frames by prefix only.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from schemas.catalogue import SchemaVersion
from schemas.releases.golden import GoldenRecord, plain
from tests.contract.java_client import JavaClient, java_client
from tests.contract.test_golden import read_with_confluent, read_with_fastavro

Golden = tuple[SchemaVersion, GoldenRecord]


@pytest.fixture(scope="module")
def jvm() -> Iterator[Any]:
    """A JVM with Confluent's classes."""
    with java_client() as classes:
        yield classes


@pytest.fixture(scope="module")
def converting(jvm: Any) -> JavaClient:
    """Decimals and times are Java's own."""
    return JavaClient(jvm, converts=True)


@pytest.fixture(scope="module")
def generic(jvm: Any) -> JavaClient:
    """Decimals are bytes, times are numbers: the default."""
    return JavaClient(jvm, converts=False)


def test_java_reads_the_values(golden: Golden, converting: JavaClient) -> None:
    """Every value that was written down at its release."""
    version, record = golden
    read = converting.values(version, converting.read(version, record.framed))
    assert plain(read) == record.value


def test_java_writes_the_bytes(golden: Golden, generic: JavaClient) -> None:
    """What it has read it writes as it was, header included."""
    version, record = golden
    assert generic.write(version, generic.read(version, record.framed)) == record.framed


def test_what_java_writes_of_its_own_types_is_read(golden: Golden, converting: JavaClient) -> None:
    """Java writes some negative decimals with a byte less; both clients read the same values."""
    version, record = golden
    written = converting.write(version, converting.read(version, record.framed))
    assert plain(read_with_fastavro(version, written)) == record.value
    assert plain(read_with_confluent(version, written)) == record.value
