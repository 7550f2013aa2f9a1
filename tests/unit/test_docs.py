"""What the documents say, held against the code."""

import re
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from lake.settings import LakeSettings
from producer.settings import ProducerSettings
from schemas.catalogue import Contract, load_catalogue
from schemas.settings import KafkaSettings, RegistrySettings
from schemas.topics import TopicNames
from spark_consumer.settings import ConsumerSettings

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = [ConsumerSettings, KafkaSettings, LakeSettings, ProducerSettings, RegistrySettings]


def variables(settings: type[BaseSettings]) -> dict[str, object]:
    """Each environment variable of a settings class, with its default."""
    prefix = settings.model_config.get("env_prefix", "")
    return {
        f"{prefix}{name}".upper(): "" if field.default is None else field.default
        for name, field in settings.model_fields.items()
    }


def example() -> dict[str, str]:
    """The lines of .env.example."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda settings: settings.__name__)
def test_every_setting_is_in_the_example_with_its_default(settings: type[BaseSettings]) -> None:
    """A new setting without a line there, or another default, is a mistake."""
    shown = example()
    for name, default in variables(settings).items():
        assert shown[name] == str(default), name


def compose_variables() -> dict[str, str]:
    """Each variable that the compose files read, with its default."""
    texts = (path.read_text(encoding="utf-8") for path in ROOT.glob("infra/compose/*.yaml"))
    return dict(re.findall(r"\$\{([A-Z_]+):-([^}]*)\}", "".join(texts)))


def test_every_variable_of_compose_is_in_the_example_with_its_default() -> None:
    """What `docker compose up` can be told stands where all else does."""
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
    targets = re.findall(r"^([a-z][a-z-]*):(.*)$", makefile, re.MULTILINE)
    assert targets
    assert [name for name, line in targets if "## " not in line] == []


@pytest.mark.parametrize("contract", list(load_catalogue()), ids=lambda contract: contract.record)
def test_the_readme_lists_every_schema(contract: Contract) -> None:
    """Record, newest version, subject and mode, as the catalogue has them."""
    topics = TopicNames()
    topic = topics.trades if contract.record == "trade" else topics.cursors
    (row,) = [
        line
        for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith(f"| `{contract.record}` |")
    ]
    for told in (f"v{contract.newest.version}", f"`{contract.subject(topic)}`", contract.mode):
        assert f" {told} " in row


def test_the_changelog_names_every_schema_version() -> None:
    """A release of a version has its line."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for contract in load_catalogue():
        for version in contract.versions:
            assert re.search(rf"`{contract.record}`[^\n]*\bv{version.version}\b", changelog)
