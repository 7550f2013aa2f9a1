import pytest
from starlette.testclient import TestClient


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_only_get_is_answered(pages: TestClient, method: str) -> None:
    """Every other method is refused, with those that are not."""
    answer = pages.request(method, "/")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8088", 200),
        ("localhost", 200),
        ("LOCALHOST:1", 200),
        ("[::1]:8088", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("", 421),
    ],
)
def test_only_names_of_this_server_are_answered(pages: TestClient, host: str, status: int) -> None:
    """A page of another site must not read this one through a name that it controls."""
    assert pages.get("/health", headers={"Host": host}).status_code == status


@pytest.mark.parametrize("path", ["/", "/nothing", "/static/style.css", "/pair/NO"])
def test_every_answer_forbids_foreign_and_inline_code(pages: TestClient, path: str) -> None:
    """Scripts and styles come from this server's files alone, on error pages, too."""
    headers = pages.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", "/pair/BTC_USD", "/completeness", "/pipeline", "/contract"])
def test_pages_hold_no_inline_code_and_no_foreign_file(pages: TestClient, path: str) -> None:
    """They work without the internet, and under the policy above."""
    text = pages.get(path).text
    assert "<style" not in text
    assert " style=" not in text
    assert " onclick" not in text
    assert 'src="http' not in text
    assert 'rel="stylesheet" href="/static/' in text
