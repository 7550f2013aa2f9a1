"""What the platform writes to a lake's folder: paths, the commit log, Parquet columns."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.contract.formats.conftest import Run
from tests.contract.formats.expected import read
from tests.contract.formats.lakes import (
    layout_of,
    write_a_folded_lake,
    write_a_retired_hour,
    write_one_of_each_kind,
)
from tests.contract.formats.parquet import TRADES, columns

COMMITS = "_platform/KRAKEN/commits"
HOUR = "KRAKEN/year=2026/month=1/day=30/hour=18"
EXPECTED = read("written.json")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory, run: Run) -> Path:
    """BASE_OUTPUT_PATH of a lake with a commit of each kind, which nobody changes any more."""
    base = tmp_path_factory.mktemp("one-of-each") / "lake"
    write_one_of_each_kind(base, run)
    return base


def answer(file: Path) -> Any:
    """The JSON in a file, with a word in the place of what differs from run to run."""
    return json.loads(file.read_bytes(), object_hook=_without_chance)


def _without_chance(one: dict[str, Any]) -> dict[str, Any]:
    forms = {
        "committed_at": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z",
        "run_id": r"[0-9a-z]+",
        "checksum": r"[0-9a-f]{32}",
        "bytes": r"\d+",
    }
    for name, form in forms.items():
        if name in one and re.fullmatch(form, f"{one[name]}"):
            one[name] = name.upper()
    if "staged" in one:
        one["staged"] = re.sub(r"(/staging/(stream|maintenance))/.*", r"\1/...", one["staged"])
    return one


def test_every_file_has_its_place(lake: Path) -> None:
    """Trades by UTC hour and pair below the exchange's name, all else below `_platform`."""
    found = {path.relative_to(lake).as_posix() for path in lake.rglob("*") if path.is_file()}
    assert {path for path in found if "/staging/" not in path} == {
        f"{HOUR}/symbol=BTC_USD/part-0000000104-00000.parquet",
        f"{HOUR}/symbol=ETH_USD/part-0000000104-00001.parquet",
        *(f"{COMMITS}/{number:020}.json" for number in range(99, 106)),
        f"{COMMITS}/_snapshot.json",
        f"{COMMITS}/_state.json",
        "_platform/KRAKEN/maintenance.lock",
        "_platform/KRAKEN/publisher.lock",
        "_platform/KRAKEN/quarantine/part-0000000100-00000.parquet",
        "_platform/KRAKEN/quarantine/part-0000000103-00000.parquet",
        "_platform/KRAKEN/stream.attempt.json",
        "_platform/KRAKEN/stream.lock",
    }
    staged = {path.rpartition("/trades/")[0] for path in found if "/staging/" in path}
    # What maintenance has replaced stays for a minute, for readers that have listed it.
    assert {re.sub(r"/[0-9a-f]{8}/", "/RUN/", folder) for folder in staged} == {
        "_platform/KRAKEN/staging/maintenance/RUN/0",
        "_platform/KRAKEN/staging/maintenance/m2/1",
    }
    assert layout_of(lake).checkpoints == lake / "_platform/KRAKEN/checkpoints"


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (100, "a batch, with a duplicate and fields left out"),
        (101, "a batch, with two records for quarantine"),
        (102, "compaction"),
        (103, "replay"),
        (104, "reread"),
        (105, "a batch without a record"),
    ],
)
def test_a_commit_of_each_kind(lake: Path, number: int, kind: str) -> None:
    """One JSON object a commit, under its number in twenty digits."""
    assert answer(lake / COMMITS / f"{number:020}.json") == EXPECTED["commits"][kind]


def test_what_is_kept_beside_the_commits(lake: Path) -> None:
    """A summary every hundred commits, a list of files after compaction, a failed batch's start."""
    assert answer(lake / COMMITS / "_state.json") == EXPECTED["_state.json"]
    assert answer(lake / COMMITS / "_snapshot.json") == EXPECTED["_snapshot.json"]
    assert answer(lake / "_platform/KRAKEN/stream.attempt.json") == {
        "start": {"0": 512},
        "failures": 1,
    }


def test_a_checksum_is_blake2b_of_the_whole_file(lake: Path) -> None:
    """Sixteen bytes of it in hexadecimal, so that others can check a file too."""
    (file, _) = json.loads((lake / COMMITS / f"{104:020}.json").read_bytes())["files"]
    content = (lake / file["path"]).read_bytes()
    assert file["bytes"] == len(content)
    assert file["checksum"] == hashlib.blake2b(content, digest_size=16).hexdigest()


def test_trades_have_these_columns_whoever_wrote_the_file(lake: Path) -> None:
    """A task of Spark's, or compaction; the files of quarantine are Spark's alone."""
    by_task = lake / HOUR / "symbol=BTC_USD/part-0000000104-00000.parquet"
    (by_compaction,) = (lake / "_platform/KRAKEN/staging").rglob("part-0000000102-*.parquet")
    assert columns(by_task) == columns(by_compaction) == TRADES


def test_a_manifest_of_the_log(tmp_path: Path, run: Run) -> None:
    """After the second compaction: of the commits that both have, those that left fields out."""
    base = tmp_path / "lake"
    write_a_folded_lake(base, run)
    found = {path.relative_to(base / COMMITS).as_posix() for path in (base / COMMITS).rglob("*")}
    older, newer = (
        f"_manifests/{name}.parquet" for name in (f"{3:020}-{0:020}", f"{5:020}-{3:020}")
    )
    assert {name for name in found if not name.startswith("_s")} == {
        "_manifests",
        older,
        newer,
        *(f"{number:020}.json" for number in (1, 2, 4, 5)),
    }
    assert columns(base / COMMITS / newer) == EXPECTED["manifest"]["columns"]
    header = json.loads(pq.read_metadata(base / COMMITS / newer).metadata[b"kraken-lake.manifest"])
    assert list(header) == EXPECTED["manifest"]["header"]
    assert list(header["newest"]["stream"]) == EXPECTED["manifest"]["newest"]


def test_a_retirement(tmp_path: Path, run: Run) -> None:
    """A commit of maintenance that names the removed files and their proof, a Parquet file."""
    base = tmp_path / "lake"
    write_a_retired_hour(base, run)
    assert not (base / HOUR).exists()
    commit = answer(base / COMMITS / f"{3:020}.json")
    assert (commit["role"], commit["files"]) == ("maintenance", [])
    assert [file["path"] for file in commit["removed_files"]] == [
        f"{HOUR}/symbol=BTC_USD/part-0000000001-00000.parquet"
    ]
    retired_at = commit["retired"].pop("retired_at")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", retired_at)
    assert commit["retired"] == EXPECTED["retirement"]["commit"]
    proof = base / commit["retired"]["path"]
    assert columns(proof) == EXPECTED["retirement"]["columns"]
    (row,) = pq.read_table(proof, partitioning=None).to_pylist()
    assert {name: row[name] for name in ("symbol", "trades", "ids", "missing", "path")} == {
        "symbol": "BTC_USD",
        "trades": 3,
        "ids": [[1, 2], [4, 4]],
        "missing": [[3, 3]],
        "path": commit["removed_files"][0]["path"],
    }
    later = answer(base / COMMITS / f"{4:020}.json")
    assert (later["duplicates_dropped"], later["retired_dropped"]) == (1, 1)
