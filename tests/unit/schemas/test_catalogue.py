import json
from pathlib import Path

import pytest

from schemas.catalogue import SchemaVersion, load_catalogue
from schemas.errors import CatalogueError

RECORD = {"type": "record", "name": "Trade", "fields": []}


def write(folder: Path, *names: str) -> None:
    """Put the same small schema under each name below `folder`."""
    for name in ("cursor/v1.avsc", *names):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(RECORD, indent=2), encoding="utf-8")


def test_subjects_follow_the_topics() -> None:
    """Each topic's subject is its name and `-value`, both after KAFKA_TOPIC."""
    catalogue = load_catalogue()
    assert catalogue.subjects("t") == {
        "t-value": catalogue.trade,
        "t.cursors-value": catalogue.cursor,
    }


def test_text_is_the_file_as_compact_json_in_its_own_order() -> None:
    """What is registered has no white space and keeps the order of keys."""
    text = load_catalogue().trade.version(1).text
    assert text.startswith('{"type":"record","name":"Trade","namespace":"marketdata","doc":"')
    assert "\n" not in text


def test_versions_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    """v10 comes after v9, whatever the file system's order."""
    write(tmp_path, *(f"trade/v{number}.avsc" for number in range(1, 11)))
    trade = load_catalogue(tmp_path).trade
    assert [version.version for version in trade.versions] == list(range(1, 11))
    assert trade.newest.version == 10
    assert str(trade.version(9)) == "trade v9"


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["trade/v1.avsc", "trade/v3.avsc"], "v2.avsc is missing"),
        (["trade/v1.avsc", "trade/V2.avsc"], "name schema files v1.avsc"),
        (["trade/v01.avsc"], "name schema files v1.avsc"),
        ([], "there is no schema file here"),
    ],
)
def test_wrong_files_are_named(tmp_path: Path, names: list[str], sentence: str) -> None:
    """A gap, a misnamed file and a missing one are errors that name what is amiss."""
    write(tmp_path, *names)
    with pytest.raises(CatalogueError, match=sentence):
        load_catalogue(tmp_path)


@pytest.mark.parametrize("content", ["{", '"string"', "\udcff"])
def test_a_file_that_is_no_json_object_is_named(tmp_path: Path, content: str) -> None:
    """A broken file is an error that names it."""
    write(tmp_path, "trade/v1.avsc")
    path = tmp_path / "trade" / "v1.avsc"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(CatalogueError, match=r"trade/v1\.avsc"):
        load_catalogue(tmp_path)


@pytest.mark.parametrize("number", [0, 99])
def test_a_version_that_is_not_there_is_named(number: int) -> None:
    """Asking for a version that was never released says which there are."""
    with pytest.raises(CatalogueError, match=f"trade has no v{number}; there is v1"):
        load_catalogue().trade.version(number)


def test_parsed_is_the_text() -> None:
    """The parsed form says what the text says."""
    assert SchemaVersion("trade", 1, json.dumps(RECORD)).parsed == RECORD
