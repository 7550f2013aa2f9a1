"""What is read of a lake that an earlier version wrote, and the JSON that programs get."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from lake.verify.result import ProblemKind
from spark_consumer.decode.reasons import Reason
from spark_consumer.kafka.record_bounds import CUT_HEADER
from tests.contract.formats.conftest import Run
from tests.contract.formats.expected import DATA, read
from tests.contract.formats.lakes import WrittenLake
from tests.contract.formats.parquet import QUARANTINE, TRADES, columns

OLD = DATA / "lake"
HOUR = "KRAKEN/year=2026/month=1/day=30/hour=18/symbol=BTC_USD"


@pytest.fixture
def producer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts a program in the producer's place that answers with what the producer prints."""
    program = tmp_path / "python"
    program.write_text(f'#!/bin/sh\ncat "{DATA}/answers/$3.json"\n')
    program.chmod(0o755)
    monkeypatch.setattr("sys.executable", os.fspath(program))


def answer(run: Run, *arguments: str, base: Path = OLD) -> Any:
    """What `python -m lake` prints as JSON."""
    return json.loads(run("lake", *arguments, "--json", BASE_OUTPUT_PATH=str(base)).out)


@pytest.mark.usefixtures("producer")
def test_verify_tells_a_program_what_it_found(run: Run, tmp_path: Path) -> None:
    """Under these names; it takes what the producer's commands print (`test_producer_json`)."""
    base = shutil.copytree(OLD, tmp_path / "lake")  # It leaves what it found beside the log.
    found = answer(run, "verify", "--against-kraken", "--against-kafka", "--full", base=base)
    for problem in found["problems"]:
        assert problem["advice"]
        problem["advice"] = "A SENTENCE"
    assert found == read("verify.json")


def test_problems_and_reasons_keep_their_names() -> None:
    """A program that acts on some of them goes by the name; reasons are in quarantine's files."""
    names = read("names.json")
    assert [f"{kind}" for kind in ProblemKind] == names["problems"]
    assert [f"{reason}" for reason in Reason] == names["reasons"]
    assert names["header of a record that was cut"] == CUT_HEADER


def test_quarantine_is_shown_with_every_byte_in_hex(run: Run) -> None:
    """An array of reasons; of records an object a line."""
    why = {"reason": "rule broken", "detail": "price_above_zero"}
    times = dict.fromkeys(("first_at", "last_at"), "2026-11-29 22:49:05.955000+00:00")
    assert answer(run, "quarantine", "list") == [{**why, "records": 1, **times}]
    assert answer(run, "quarantine", "show") == {
        **why,
        "topic": "trades-dc556bff73c8",
        "partition": 1,
        "offset": 3,
        "timestamp": "2026-11-29T22:49:05.955000+00:00",
        "key": "4254432f555344",
        "value": "00000000020c4b52414b454e0e4254432f555344080200062a2704000200c0debdded7e7a406"
        "c0debdded7e7a40604",
        "headers": [],
    }


def test_columns_and_files_are_listed(run: Run) -> None:
    """Arrow's names of types; whole paths, one a line."""
    assert [f"{one['name']}: {one['type']}" for one in answer(run, "schema")] == TRADES
    assert run("lake", "files", BASE_OUTPUT_PATH=str(OLD)).out.splitlines() == [
        f"{OLD}/{HOUR}/part-0000000001-00000.parquet",
        f"{OLD}/{HOUR}/part-0000000002-00000.parquet",
    ]


def test_the_files_that_spark_wrote_have_the_columns_expected() -> None:
    """The expectations of all tests on columns, held against files of the running platform."""
    assert columns(OLD / HOUR / "part-0000000002-00000.parquet") == TRADES
    assert columns(OLD / "_platform/KRAKEN/quarantine/part-0000000002-00000.parquet") == QUARANTINE


def test_a_stream_goes_on_where_the_earlier_version_stopped(tmp_path: Path, run: Run) -> None:
    """At its offsets, with its number and its trades: one that comes again is left out."""
    base = tmp_path / "lake"
    shutil.copytree(OLD, base)
    landed = WrittenLake(base).land({"BTC/USD": [7, 8]}, end=9)
    assert (landed.number, landed.offsets[1].start, landed.duplicates_dropped) == (3, 7, 1)
    found = answer(run, "verify", base=base)
    assert (found["files"], found["symbols"][0]["trades"]) == (4, 5)
