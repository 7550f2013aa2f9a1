"""Requests about a bucket itself, which the lake never sends: signed by Amazon's version 4."""

import hashlib
import hmac
from base64 import b64encode
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx

from infra.object_store.server import REGION, ObjectStore

__all__ = ["put"]


def put(store: ObjectStore, bucket: str, query: str = "", body: str = "", **headers: str) -> None:
    """Send a PUT about a bucket.

    Args:
        store: the server.
        bucket: the bucket's name.
        query: the name of what to set: `versioning`.
        body: the setting, in XML.
        headers: more headers, with `_` for `-`.
    """
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    sent = {
        **{name.replace("_", "-"): value for name, value in headers.items()},
        "host": urlsplit(store.endpoint).netloc,
        "x-amz-content-sha256": hashlib.sha256(body.encode()).hexdigest(),
        "x-amz-date": moment,
        "content-md5": b64encode(
            hashlib.md5(body.encode(), usedforsecurity=False).digest()
        ).decode(),
    }
    names = ";".join(sorted(sent))
    lines = [f"{name}:{sent[name]}" for name in sorted(sent)]
    asked = ["PUT", f"/{bucket}", f"{query}=" if query else "", *lines, "", names]
    request = "\n".join([*asked, sent["x-amz-content-sha256"]])
    scope = (moment[:8], REGION, "s3", "aws4_request")
    key = f"AWS4{store.secret_key}".encode()
    for part in scope:
        key = _signed(key, part)
    of_request = hashlib.sha256(request.encode()).hexdigest()
    to_sign = "\n".join(["AWS4-HMAC-SHA256", moment, "/".join(scope), of_request])
    signature = _signed(key, to_sign).hex()
    sent["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={store.access_key}/{'/'.join(scope)}, "
        f"SignedHeaders={names}, Signature={signature}"
    )
    address = f"{store.endpoint}/{bucket}{f'?{query}=' if query else ''}"
    answer = httpx.put(address, content=body, headers=sent, timeout=30)
    assert answer.is_success, answer.text


def _signed(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
