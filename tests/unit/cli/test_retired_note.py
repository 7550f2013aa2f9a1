from pathlib import Path

import pytest

from cli.retired_note import retired_note
from lake.layout import LakeLayout
from tests.unit.lake.lakes import AT
from tests.unit.lake.retiring import lake_of_hours, retire

SPAN = ("--from", "2026-01-30T16:00:00Z")


@pytest.fixture
def retired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LakeLayout:
    """A lake whose hours 15 and 16 are retired, where the settings point to."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BASE_OUTPUT_PATH", str(tmp_path))
    layout = LakeLayout(tmp_path, "KRAKEN")
    lake_of_hours(layout, 15, 16, 17)
    retire(layout, AT.replace(hour=17))
    return layout


def test_a_backfill_of_a_retired_hour_is_told(retired: LakeLayout) -> None:
    """How many trades, of which pairs and hours, and that they do not land again."""
    assert retired_note(["--pair", "BTC/USD", *SPAN]) == (
        f"20 trades of BTC/USD in this time span are retired from the lake in {retired.base}, from "
        "2026-01-30 16h to 2026-01-30 16h. The backfill records them in Kafka, but they do not "
        "land in that lake again."
    )
    told = retired_note(["--from=beginning", "--to=2026-01-30T15:30:00Z"])
    assert told is not None
    assert "from 2026-01-30 15h to 2026-01-30 15h" in told


@pytest.mark.usefixtures("retired")
@pytest.mark.parametrize(
    "arguments",
    [
        ["--from", "2026-01-30T17:00:00Z"],
        ["--from", "beginning", "--to", "2026-01-30T15:00:00Z"],
    ],
    ids=["after it", "before it"],
)
def test_a_backfill_of_other_hours_is_not(arguments: list[str]) -> None:
    """A span that ends where a retired hour begins has none of its trades."""
    assert retired_note(arguments) is None


def test_a_lake_that_cannot_be_read_is_no_obstacle(retired: LakeLayout) -> None:
    """A backfill needs no lake."""
    for proof in retired.retired.iterdir():
        proof.write_bytes(b"no Parquet")
    assert retired_note(SPAN) is None


def test_without_a_retired_hour_nothing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is anything read."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BASE_OUTPUT_PATH", str(tmp_path / "none"))
    assert retired_note(SPAN) is None
