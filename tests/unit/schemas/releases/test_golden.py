import enum
import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from schemas.catalogue import load_catalogue
from schemas.errors import ReleaseError
from schemas.releases.golden import load_golden, plain
from schemas.releases.released import PROJECT_ROOT, files_of

V1 = load_catalogue().trade.version(1)


class Letter(enum.StrEnum):
    """An enum as event models have them."""

    A = "A"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("1.50"), "1.5"),
        (Decimal("1E+3"), "1000"),
        (Decimal(100), "100"),
        (Decimal("0E-10"), "0"),
        (Decimal("-1E-10"), "-0.0000000001"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00.000000+00:00"),
        (b"\x00\xff", "00ff"),
        (Letter.A, "A"),
        ({"a": [Decimal(1), None, True, 7]}, {"a": ["1", None, True, 7]}),
    ],
)
def test_plain_is_exact_and_the_same_for_equals(value: object, expected: object) -> None:
    """Every value has one JSON form, whatever zeros its reader put behind it."""
    assert plain(value) == expected


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the golden files, to be damaged."""
    folder = files_of(V1).golden_bytes.parent
    shutil.copytree(PROJECT_ROOT / folder, tmp_path / folder)
    return tmp_path


def test_golden_records_are_read_as_written(project: Path) -> None:
    """The copy reads as the original does."""
    assert load_golden(V1, project) == load_golden(V1)
    assert len({record.name for record in load_golden(V1)}) == len(load_golden(V1)) > 1


@pytest.mark.parametrize("cut", [1, 3, 200])
def test_a_cut_file_is_reported(project: Path, cut: int) -> None:
    """A file that ends too early is damaged, wherever it was cut."""
    path = project / files_of(V1).golden_bytes
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(ReleaseError, match="the golden records of trade v1 are damaged"):
        load_golden(V1, project)


def test_missing_golden_records_are_reported(project: Path) -> None:
    """Without golden files, the command that writes them is named."""
    (project / files_of(V1).golden_values).unlink()
    with pytest.raises(ReleaseError, match="kraken-lake schemas release"):
        load_golden(V1, project)
