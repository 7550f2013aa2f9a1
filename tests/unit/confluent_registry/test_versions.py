"""The fake answers as the genuine registry was seen to: subjects, versions, ids, GUIDs."""

import json
from typing import TYPE_CHECKING

import pytest

from schemas.catalogue import load_catalogue

if TYPE_CHECKING:
    from conftest import Ask

V1, V2 = (version.text for version in load_catalogue().trade.versions)
S = "/subjects/s"
RULES = {"domainRules": [{"name": "r", "kind": "CONDITION", "type": "CEL", "expr": "true"}]}


def test_a_registration_is_answered_in_full(ask: "Ask") -> None:
    """Id, version, GUID, type and text come back; the same text again changes nothing."""
    status, answer = ask("POST", f"{S}/versions", {"schema": V1})
    assert status == 200
    assert set(answer) == {"id", "version", "guid", "schemaType", "schema"}
    assert json.loads(answer["schema"]) == json.loads(V1)
    assert ask("POST", f"{S}/versions", {"schema": V1}) == (200, answer)
    assert ask("GET", f"{S}/versions") == (200, [1])
    guid = answer["guid"]
    assert ask("GET", f"/schemas/guids/{guid}")[1]["schema"] == answer["schema"]
    assert ask("GET", f"/schemas/ids/{answer['id']}")[1]["guid"] == guid


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (f"{S}/versions", 40401),
        ("/subjects/t/versions/9", 40402),
        ("/schemas/ids/77", 40403),
        ("/config/s", 40408),
        ("/mode/s", 40409),
    ],
)
def test_what_is_not_there(ask: "Ask", path: str, code: int) -> None:
    """Each thing that is missing has a code of its own."""
    ask("POST", "/subjects/t/versions", {"schema": V1})
    status, answer = ask("GET", path)
    assert (status, answer["error_code"]) == (404, code)


def test_a_softly_deleted_version(ask: "Ask") -> None:
    """Its id resolves, `deleted=true` lists it, and the same text comes back under a new number."""
    schema_id = ask("POST", f"{S}/versions", {"schema": V1})[1]["id"]
    ask("POST", f"{S}/versions", {"schema": V2})
    assert ask("DELETE", f"{S}/versions/1") == (200, 1)
    assert ask("GET", f"{S}/versions") == (200, [2])
    assert ask("GET", f"{S}/versions?deleted=true") == (200, [1, 2])
    assert ask("GET", f"/schemas/ids/{schema_id}")[0] == 200
    assert ask("GET", f"/schemas/ids/{schema_id}/versions") == (200, [])
    gone = [{"subject": "s", "version": 1}]
    assert ask("GET", f"/schemas/ids/{schema_id}/versions?deleted=true") == (200, gone)
    again = ask("POST", f"{S}/versions", {"schema": V1})[1]
    assert (again["id"], again["version"]) == (schema_id, 3)


def test_a_hard_delete_comes_second(ask: "Ask") -> None:
    """A version that was not deleted softly before stays; after that it is gone permanently."""
    schema_id = ask("POST", f"{S}/versions", {"schema": V1})[1]["id"]
    assert ask("DELETE", f"{S}/versions/1?permanent=true")[1]["error_code"] == 40407
    ask("DELETE", f"{S}/versions/1")
    assert ask("DELETE", f"{S}/versions/1")[1]["error_code"] == 40406
    assert ask("DELETE", f"{S}/versions/1?permanent=true") == (200, 1)
    assert ask("GET", f"/schemas/ids/{schema_id}")[1]["error_code"] == 40403


def test_lookup(ask: "Ask") -> None:
    """White space plays no part, the order of keys only with `normalize`; docs are content."""
    ask("POST", f"{S}/versions", {"schema": V1})
    assert ask("POST", S, {"schema": json.dumps(json.loads(V1), indent=2)})[1]["version"] == 1
    changed = V1.replace("One trade as", "A trade as")
    assert ask("POST", S, {"schema": changed})[1]["error_code"] == 40403
    assert ask("POST", "/subjects/none", {"schema": V1})[1]["error_code"] == 40401


def test_rules_are_content_and_are_inherited(ask: "Ask") -> None:
    """The same text with rules is another version; the next one has them too; lookups find both."""
    plain = ask("POST", f"{S}/versions", {"schema": V1})[1]
    ruled = ask("POST", f"{S}/versions", {"schema": V1, "ruleSet": RULES})[1]
    assert (ruled["version"], ruled["id"] != plain["id"], ruled["ruleSet"]) == (2, True, RULES)
    third = ask("POST", f"{S}/versions", {"schema": V2})[1]
    assert third["ruleSet"] == RULES
    assert [ask("POST", S, {"schema": text})[1]["version"] for text in (V1, V2)] == [1, 3]


def test_references_are_resolved(ask: "Ask") -> None:
    """A schema may name a record of another subject, once that is there."""
    part = '{"type":"record","name":"Part","fields":[{"name":"a","type":"int"}]}'
    whole = '{"type":"record","name":"Whole","fields":[{"name":"p","type":"Part"}]}'
    references = [{"name": "Part", "subject": "part", "version": 1}]
    body = {"schema": whole, "references": references}
    assert ask("POST", f"{S}/versions", {"schema": whole})[1]["error_code"] == 42201
    ask("POST", "/subjects/part/versions", {"schema": part})
    assert ask("POST", f"{S}/versions", body)[1]["references"] == references
    assert ask("GET", f"{S}/versions/latest")[1]["references"] == references


def test_other_kinds_of_schema(ask: "Ask") -> None:
    """JSON and Protobuf are taken as they are and named; Avro goes unnamed."""
    ask("POST", "/subjects/j/versions", {"schema": '{"type":"object"}', "schemaType": "JSON"})
    assert ask("GET", "/subjects/j/versions/1")[1]["schemaType"] == "JSON"
    ask("POST", f"{S}/versions", {"schema": V1})
    assert "schemaType" not in ask("GET", f"{S}/versions/1")[1]


def test_compatibility_is_avros_own(ask: "Ask") -> None:
    """A changed type is refused with 409; a changed scale is not even noticed."""
    ask("PUT", "/config/s", {"compatibility": "FULL_TRANSITIVE"})
    ask("POST", f"{S}/versions", {"schema": V1})
    other = {
        "schema": V1.replace('"name":"trade_id","type":"long"', '"name":"trade_id","type":"int"')
    }
    status, answer = ask("POST", f"{S}/versions", other)
    assert (status, answer["error_code"]) == (409, 40901)
    verdict = ask("POST", "/compatibility/subjects/s/versions?verbose=true", other)[1]
    assert verdict["is_compatible"] is False
    assert verdict["messages"]
    rescaled = {"schema": V1.replace('"scale":10', '"scale":8')}
    assert ask("POST", f"{S}/versions", rescaled)[1]["version"] == 2
    unknown = ask("POST", "/compatibility/subjects/none/versions", other)
    assert unknown == (200, {"is_compatible": True})
