from pathlib import Path

import pytest

from infra.jars.artifact import Coordinates
from infra.jars.relock import coordinates_at


@pytest.mark.parametrize(
    "coordinates",
    [
        Coordinates("org.apache.kafka", "kafka_2.13", "4.1.1"),
        Coordinates("io.apicurio", "apicurio-registry-app", "3.0.9", "tar.gz", "all"),
        Coordinates("com.github.luben", "zstd-jni", "1.5.6-10", "jar", "linux_amd64"),
    ],
)
def test_coordinates_are_read_back_from_the_cache(coordinates: Coordinates) -> None:
    """Ivy's cache paths give the coordinates, including classifier and double extension."""
    cache = Path("/cache")
    assert coordinates_at(cache / coordinates.cache_path, cache) == coordinates
