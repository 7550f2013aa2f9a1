import xml.etree.ElementTree as ET

import pytest

from infra.jars.artifact import Coordinates
from infra.jars.ivy import complaint, descriptor_xml, settings_xml

REGISTRY = Coordinates("io.apicurio", "app", "3.0.9", "tar.gz", "all")


def _parse(xml: str) -> ET.Element:
    return ET.fromstring(xml)  # noqa: S314 - what is parsed was written by the code under test


def test_a_locked_archive_is_asked_for_by_its_extension_and_classifier() -> None:
    """Ivy would look for a plain jar otherwise."""
    module = _parse(descriptor_xml("registry", [REGISTRY], transitive=False))
    artifact = module.find("dependencies/dependency/artifact")
    assert artifact is not None
    assert artifact.attrib == {
        "name": "app",
        "type": "tar.gz",
        "ext": "tar.gz",
        "{http://ant.apache.org/ivy/maven}classifier": "all",
    }


@pytest.mark.parametrize("transitive", [True, False])
def test_only_locking_follows_dependencies(transitive: bool) -> None:  # noqa: FBT001 - the case
    """With the lock in hand neither poms nor what they name are asked for."""
    module = _parse(descriptor_xml("kafka", [REGISTRY], transitive=transitive))
    dependency = module.find("dependencies/dependency")
    resolver = _parse(settings_xml(transitive=transitive)).find("resolvers/ibiblio")
    assert dependency is not None
    assert resolver is not None
    assert dependency.get("transitive") == resolver.get("usepoms") == str(transitive).lower()


def test_no_repository_is_named() -> None:
    """Ivy uses its own settings, so a mirror is set in one place: in Ivy's or Java's."""
    resolver = _parse(settings_xml(transitive=False)).find("resolvers/ibiblio")
    assert resolver is not None
    assert "root" not in resolver.attrib


def test_what_went_wrong_is_picked_out_of_ivys_report() -> None:
    """The cause is shown once, without the report around it."""
    cause = "Server access error at url x (java.net.ConnectException: Connection refused)"
    output = f":: problems summary ::\n:::: WARNINGS\n\t\t:: a#b;1: not found\n\t{cause}\n\t{cause}"
    assert complaint(output) == cause


def test_an_archive_that_does_not_exist_is_named() -> None:
    """If the network works, the cause is a name that does not exist."""
    assert complaint(":: UNRESOLVED ::\n\t\t:: a#b;1: not found\n") == "a#b;1: not found"


def test_a_report_of_an_unknown_kind_is_shown_as_it_is() -> None:
    """Without a line of either kind, the end of the output is shown."""
    assert complaint("something\nelse") == "something\n  else"
