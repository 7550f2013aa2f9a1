import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.jars.artifact import Coordinates, sha256_of

_PART = st.text("abcdefghijklmnopqrstuvwxyz0123456789._-", min_size=1)


@given(st.builds(Coordinates, _PART, _PART, _PART, _PART, st.just("") | _PART))
def test_coordinates_survive_being_written_and_read(coordinates: Coordinates) -> None:
    """What the lock says is what was meant."""
    assert Coordinates.parse(str(coordinates)) == coordinates


@pytest.mark.parametrize("text", ["", "a:b", "a:b:jar", "a:b:jar::1", "a::jar:1", "a:b:c:d:e:f"])
def test_text_that_is_no_coordinates_is_refused(text: str) -> None:
    """Too few, too many and empty parts are all rejected."""
    with pytest.raises(ValueError, match=r"is not org:name|empty part"):
        Coordinates.parse(text)


def test_a_file_is_named_as_maven_names_it() -> None:
    """The classifier stands behind the version."""
    plain = Coordinates("org.apache.kafka", "kafka-clients", "4.1.1")
    classified = Coordinates("io.apicurio", "app", "3.0.9", "tar.gz", "all")
    assert plain.file_name == "kafka-clients-4.1.1.jar"
    assert classified.file_name == "app-3.0.9-all.tar.gz"


def test_the_sum_is_the_files_sha256(tmp_path: Path) -> None:
    """It is the sum that everybody else computes."""
    file = tmp_path / "a.jar"
    file.write_bytes(b"jar")
    assert sha256_of(file) == hashlib.sha256(b"jar").hexdigest()
