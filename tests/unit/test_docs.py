"""What the documents say, held against the code."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic_settings import BaseSettings
from typer.main import get_command

from cli.commands import COMMANDS
from lake.layout import LakeLayout, folder_of
from lake.write.parquet import write_sorted
from runtime.topics import TopicNames
from schemas.__main__ import app as schemas_commands
from schemas.catalogue import Contract, load_catalogue
from schemas.documents.dictionary import type_name
from spark_consumer.decode.reasons import Reason
from tests.engine import ROOT
from tests.settings_classes import SETTINGS

EXAMPLE = ROOT / ".env.example"
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/**/*.md"))]
PARQUET_TYPES = {
    "string": "STRING",
    "enum": "STRING",
    "long": "INT64",
    "decimal(28,10)": "DECIMAL(28,10)",
    "timestamp-micros": "TIMESTAMP(MICROS,UTC)",
}
"""How the README calls the type of a column, by the field's type in the contract."""


def variables(settings: type[BaseSettings]) -> dict[str, object]:
    """Each environment variable of a settings class, with its default."""
    prefix = settings.model_config.get("env_prefix", "")
    return {
        f"{prefix}{name}".upper(): "" if field.default is None else field.default
        for name, field in settings.model_fields.items()
    }


def example() -> dict[str, str]:
    """The lines of .env.example."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda settings: settings.__name__)
def test_every_setting_is_in_the_example_with_its_default(settings: type[BaseSettings]) -> None:
    """A new setting without a line there, or another default, is a mistake."""
    shown = example()
    for name, default in variables(settings).items():
        assert shown[name] == str(default), name


def rows(document: str) -> list[list[str]]:
    """The rows of a document's tables, a text a cell."""
    lines = (ROOT / document).read_text(encoding="utf-8").splitlines()
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if line.startswith("| ")
    ]


def compose_variables() -> dict[str, str]:
    """Each variable that the compose files read, with its default."""
    texts = (path.read_text(encoding="utf-8") for path in ROOT.glob("infra/compose/*.yaml"))
    return dict(re.findall(r"\$\{([A-Z_]+):-([^}]*)\}", "".join(texts)))


def test_every_variable_of_compose_is_in_the_example_with_its_default() -> None:
    """The settings of `docker compose up` are in the same file as all others."""
    assert compose_variables()
    assert compose_variables().items() <= example().items()


def test_the_example_has_no_setting_that_nobody_reads() -> None:
    """A renamed setting must not live on there."""
    read = {name for settings in SETTINGS for name in variables(settings)} | set(
        compose_variables()
    )
    assert set(example()) - read == set()


def test_every_make_target_says_what_it_does() -> None:
    """`make` prints the targets from their own lines, so each needs one."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z][a-z0-9-]*):(.*)$", makefile, re.MULTILINE)
    assert targets
    assert [name for name, line in targets if "## " not in line] == []


@pytest.mark.parametrize("contract", list(load_catalogue()), ids=lambda contract: contract.record)
def test_schema_evolution_lists_every_schema(contract: Contract) -> None:
    """Record, newest version, subject and mode, as the catalogue has them."""
    topics = TopicNames()
    topic = topics.trades if contract.record == "trade" else topics.cursors
    (row,) = [row for row in rows("docs/schema-evolution.md") if row[0] == f"`{contract.record}`"]
    assert row[1].split(", ")[-1] == f"v{contract.newest.version}"
    assert row[2:] == [f"`{contract.subject(topic)}`", contract.mode]


def test_the_readme_lists_the_columns_of_a_trade() -> None:
    """The columns of the files in their order, with type and meaning, then those of the folders."""
    columns = [row for row in rows("README.md") if len(row) == 3 and row[0].startswith("`")]
    in_folders = {"year", "month", "day", "hour", "symbol"}
    declared = [
        [f"`{field['name']}`", PARQUET_TYPES[type_name(field["type"]).split(" ")[0]], field["doc"]]
        for field in load_catalogue().trade.newest.parsed["fields"]
        if field["name"] not in in_folders
    ]
    assert columns[: len(declared)] == declared
    folders = [name for row in columns[len(declared) :] for name in re.findall(r"`(\w+)`", row[0])]
    path = folder_of(datetime(2025, 11, 10, 17, tzinfo=UTC), "BTC/USD")
    assert folders == re.findall(r"(\w+)=", path)


def test_the_column_types_of_the_readme_are_those_of_the_files(tmp_path: Path) -> None:
    """What Arrow's types become in a file of the lake, as Parquet names them."""
    arrow = {
        "STRING": pa.string(),
        "INT64": pa.int64(),
        "DECIMAL(28,10)": pa.decimal128(28, 10),
        "TIMESTAMP(MICROS,UTC)": pa.timestamp("us", "UTC"),
    }
    assert set(arrow) == set(PARQUET_TYPES.values())
    columns = {name: pa.array([None], kind) for name, kind in arrow.items()}
    write_sorted(pa.table(columns), tmp_path / "file.parquet", "zstd")
    written = pq.ParquetFile(tmp_path / "file.parquet").schema
    for at, name in enumerate(arrow):
        column = written.column(at)
        logical = json.loads(column.logical_type.to_json())
        match name.split("(")[0]:
            case "DECIMAL":
                assert (logical["precision"], logical["scale"]) == (28, 10)
            case "TIMESTAMP":
                assert (logical["timeUnit"], logical["isAdjustedToUTC"]) == ("microseconds", True)
            case "STRING":
                assert logical["Type"] == "String"
            case _:
                assert column.physical_type == name


def test_the_readme_is_short() -> None:
    """What a stranger needs first; everything else is in docs/."""
    words = (ROOT / "README.md").read_text(encoding="utf-8").split()
    assert 650 <= len(words) <= 800


def test_every_command_in_the_documents_exists() -> None:
    """`make TARGET` and `kraken-lake COMMAND`, in every document but the changelog."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    known = {
        "make": set(re.findall(r"^([a-z][a-z0-9-]*):", makefile, re.MULTILINE)),
        "kraken-lake": {command.name for command in COMMANDS},
        "kraken-lake schemas": set(get_command(schemas_commands).commands),  # type: ignore[attr-defined]
    }
    text = "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    named = re.findall(r"(?:`|^|&& )(make) ([a-z][a-z0-9-]+)", text, re.MULTILINE)
    named += re.findall(r"(?:`|/|\$ )(kraken-lake) ([a-z][a-z-]+)", text)
    named += re.findall(r"(kraken-lake schemas) ([a-z]+)", text)
    assert {program for program, _ in named} == set(known)
    assert [(one, command) for one, command in named if command not in known[one]] == []


def test_every_setting_in_the_documents_exists() -> None:
    """A renamed setting must not live on in a document for users."""
    users = [path for path in DOCUMENTS if path.parent in (ROOT, ROOT / "docs")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in users)
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)(?:=[^`]*)?`", text))
    assert "KAFKA_TOPIC" in named
    from_elsewhere = {"BTC_USD", "BYTE_STREAM_SPLIT", "PYSPARK_PYTHON"}
    commented_out = set(re.findall(r"^# ([A-Z_]+)=", EXAMPLE.read_text("utf-8"), re.MULTILINE))
    assert named - from_elsewhere - commented_out - set(example()) == set()


def test_operations_explains_every_reason_of_quarantine() -> None:
    """The docs say what to do about a record there."""
    explained = {
        reason for row in rows("docs/operations.md") for reason in re.findall(r"`([^`]+)`", row[0])
    }
    assert {reason.value for reason in Reason} <= explained


def test_the_index_of_decisions_is_complete() -> None:
    """Each decision's number and title, in order, with a sentence."""
    files = sorted((ROOT / "docs" / "adr").glob("0*.md"))
    titles = [path.read_text(encoding="utf-8").partition("\n")[0] for path in files]
    listed = [row for row in rows("docs/adr/README.md") if row[0].startswith("[")]
    expected = [f"[{int(path.name[:4])}]({path.name})" for path in files]
    assert [row[0] for row in listed] == expected
    headings = zip(files, listed, strict=True)
    assert [f"# {int(path.name[:4])}. {row[1]}" for path, row in headings] == titles
    assert all(row[2].endswith(".") for row in listed)


def test_the_drawing_names_folders_that_exist() -> None:
    """Of the repository, or of a lake; and it has colours for light and for dark."""
    drawing = (ROOT / "docs" / "architecture.svg").read_text(encoding="utf-8")
    layout = LakeLayout(base=Path("data"), exchange="KRAKEN")
    in_a_lake = {layout.trades.name, layout.commits.name, layout.staging("stream").parent.name}
    named = re.findall(r'class="folder[^"]*"[^>]*>([^<]+)/<', drawing)
    assert named
    assert [one for one in named if one not in in_a_lake and not (ROOT / one).is_dir()] == []
    assert "prefers-color-scheme: dark" in drawing


def test_the_changelog_names_every_schema_version() -> None:
    """A release of a version has its line."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for contract in load_catalogue():
        for version in contract.versions:
            assert re.search(rf"`{contract.record}`[^\n]*\bv{version.version}\b", changelog)
