"""The fake answers as the genuine registry was seen to: levels, modes, contexts, logins, faults."""

from typing import TYPE_CHECKING

import httpx
import pytest

from schemas.catalogue import load_catalogue

if TYPE_CHECKING:
    from conftest import Ask

    from tests.confluent_registry.server import RunningRegistry

V1, V2 = (version.text for version in load_catalogue().trade.versions)


def test_the_levels_two_names(ask: "Ask") -> None:
    """It is set as `compatibility` and shown as `compatibilityLevel`; unset it is 40408."""
    assert ask("GET", "/config") == (200, {"compatibilityLevel": "BACKWARD"})
    inherited = ask("GET", "/config/s?defaultToGlobal=true")
    assert inherited == (200, {"compatibilityLevel": "BACKWARD"})
    level = {"compatibility": "FULL_TRANSITIVE"}
    assert ask("PUT", "/config/s", level) == (200, level)
    assert ask("GET", "/config/s") == (200, {"compatibilityLevel": "FULL_TRANSITIVE"})
    assert ask("PUT", "/config/s", {"compatibility": "SIDEWAYS"})[1]["error_code"] == 42203


def test_a_change_of_the_level_keeps_the_rest(ask: "Ask") -> None:
    """`normalize`, default rules and the alias survive it."""
    ask("PUT", "/config/s", {"normalize": True, "defaultRuleSet": {"domainRules": []}})
    ask("PUT", "/config/s", {"compatibility": "FULL"})
    _, config = ask("GET", "/config/s")
    kept = {"normalize": True, "defaultRuleSet": {"domainRules": []}}
    assert config == kept | {"compatibilityLevel": "FULL"}


def test_an_alias_leads_to_its_subject(ask: "Ask") -> None:
    """Reads and registrations go there; the alias's settings stay its own."""
    ask("PUT", "/config/s", {"alias": "real"})
    ask("POST", "/subjects/s/versions", {"schema": V1})
    assert ask("GET", "/subjects") == (200, ["real"])
    assert ask("GET", "/subjects/s/versions/1")[1]["subject"] == "real"
    assert ask("GET", "/config/s") == (200, {"alias": "real"})
    assert ask("GET", "/config/real")[1]["error_code"] == 40408


@pytest.mark.parametrize("mode", ["READONLY", "READONLY_OVERRIDE", "IMPORT"])
def test_a_mode_that_forbids(ask: "Ask", mode: str) -> None:
    """A registration is refused with 422/42205; what is registered already is still found."""
    ask("POST", "/subjects/s/versions", {"schema": V1})
    assert ask("PUT", "/mode", {"mode": mode}) == (200, {"mode": mode})
    assert ask("GET", "/mode/s?defaultToGlobal=true") == (200, {"mode": mode})
    status, answer = ask("POST", "/subjects/s/versions", {"schema": V2})
    assert (status, answer["error_code"]) == (422, 42205)
    assert ask("POST", "/subjects/s/versions", {"schema": V1})[1]["version"] == 1
    level = ask("PUT", "/config/s", {"compatibility": "FULL"})
    assert (level[0] == 200) == (mode == "IMPORT")


def test_import_takes_ids_and_versions(ask: "Ask") -> None:
    """In IMPORT a schema comes with its id and version, elsewhere it must not."""
    body = {"schema": V1, "id": 42, "version": 7}
    assert ask("POST", "/subjects/s/versions", body)[1]["error_code"] == 42205
    ask("PUT", "/mode/s", {"mode": "IMPORT"})
    answer = ask("POST", "/subjects/s/versions", body)[1]
    assert (answer["id"], answer["version"]) == (42, 7)


def test_contexts_are_apart(ask: "Ask") -> None:
    """A context has ids and subjects of its own, and no level until one is set or asked through."""
    desk = "/contexts/.desk"
    ask("POST", "/subjects/other/versions", {"schema": V2})
    answer = ask("POST", f"{desk}/subjects/s/versions", {"schema": V1})[1]
    assert answer["id"] == 1
    assert ask("GET", f"{desk}/subjects/s/versions/1")[1]["subject"] == ":.desk:s"
    assert ask("GET", f"{desk}/subjects") == (200, [":.desk:s"])
    assert ask("GET", "/subjects/s/versions")[1]["error_code"] == 40401
    assert ask("GET", f"{desk}/config")[1]["error_code"] == 40408
    inherited = ask("GET", f"{desk}/config?defaultToGlobal=true")
    assert inherited == (200, {"compatibilityLevel": "BACKWARD"})
    assert ask("GET", "/contexts") == (200, [".", ".desk"])


def test_associations_refuse_a_dot(ask: "Ask") -> None:
    """A topic's subject is found by the topic's name, and no name may hold a dot."""
    ask("POST", "/subjects/s/versions", {"schema": V1})
    body = {
        "resourceName": "trades",
        "resourceNamespace": "cluster",
        "resourceId": "id",
        "resourceType": "topic",
        "associations": [{"subject": "s", "associationType": "value"}],
    }
    assert ask("POST", "/associations", body)[0] == 200
    found = ask("GET", "/associations/resources/-/trades?associationType=value")[1]
    assert [one["subject"] for one in found] == ["s"]
    assert ask("GET", "/associations/resources/-/trades?associationType=key") == (200, [])
    dotted = ask("POST", "/associations", body | {"resourceName": "kraken.trades"})
    assert (dotted[0], dotted[1]["error_code"]) == (422, 42212)


def test_logins_and_faults(genuine: "RunningRegistry") -> None:
    """A password or a token may be asked for; any status, rubbish or delay may be played."""

    def status(**asking: object) -> int:
        return httpx.get(f"{genuine.url}/subjects", **asking).status_code  # type: ignore[arg-type]

    genuine.login, genuine.token = ("me", "secret"), "t0ken"
    assert status() == 401
    assert status(auth=("me", "secret")) == 200
    assert status(headers={"Authorization": "Bearer t0ken"}) == 200
    genuine.login, genuine.token, genuine.status = None, "", 503
    assert status() == 503
    genuine.status, genuine.delay = 0, 0.3
    with pytest.raises(httpx.ReadTimeout):
        status(timeout=0.1)
    assert genuine.asked[-1] == "GET /subjects"
