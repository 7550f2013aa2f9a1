"""What an object store's refusals mean, each as one sentence with the bucket and what to do."""

import re
from typing import Final, NamedTuple

from lake.errors import StoreRefused

__all__ = ["contradiction", "is_missing_bucket", "refusal"]

_KEYS: Final = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE."


class _Meaning(NamedTuple):
    """A kind of refusal.

    Attributes:
        marks: what the library's text has, one of them.
        text: what it means, and what to do.
        may_have_happened: whether the request may have been carried out: its answer was lost.
    """

    marks: tuple[str, ...]
    text: str
    may_have_happened: bool = False


_MEANINGS: Final = (
    _Meaning(
        (
            "InvalidAccessKeyId",
            "SignatureDoesNotMatch",
            "ExpiredToken",
            "InvalidToken",
            "XAdminUserNotFound",
        ),
        f"the store does not accept the credentials: {_KEYS}",
    ),
    _Meaning(
        ("NoSuchBucket", "InvalidBucketName"),
        "there is no such bucket. Create it, or correct BASE_OUTPUT_PATH.",
    ),
    _Meaning(
        (
            "PermanentRedirect",
            "AuthorizationHeaderMalformed",
            "IllegalLocationConstraint",
            "301 Moved",
            "redirect without LOCATION",
        ),
        "the bucket is in another region: set AWS_REGION to it.",
    ),
    _Meaning(
        ("RequestTimeTooSkewed",),
        "the store's clock and this machine's differ too much: set this machine's clock.",
    ),
    _Meaning(
        ("SlowDown", "TooManyRequests", "429 ", "503 "),
        "the store is throttling and went on doing so. Send fewer requests, with a longer trigger, "
        "or start again later.",
        may_have_happened=True,
    ),
    _Meaning(
        ("NotImplemented", "501 "),
        "the store does not offer that request: use one that has Amazon S3's conditional writes.",
    ),
    _Meaning(
        ("169.254.169.254", "instance metadata"),
        f"there are no credentials: {_KEYS}",
    ),
    _Meaning(
        ("AccessDenied", "403 ", "PermissionDeniedError", "UnauthenticatedError", "401 "),
        "the credentials do not allow it, or the bucket is read-only or locks its objects. Grant "
        "reading, writing, listing and removing below BASE_OUTPUT_PATH.",
    ),
    _Meaning(
        ("error sending request", "connect", "dns error", "timed out", "timeout"),
        "the store does not answer: start it, or correct AWS_ENDPOINT_URL.",
        may_have_happened=True,
    ),
)
"""The first that fits counts."""

_ANSWER: Final = re.compile(r"<Code>([^<]*)</Code>\s*<Message>([^<]*)</Message>")
_LONGEST: Final = 300


def is_missing_bucket(text: str) -> bool:
    """Return whether the library's text about a missing object is about a missing bucket."""
    return "NoSuchBucket" in text


def contradiction(where: str) -> StoreRefused:
    """Return the error for a key that stays taken and has no object.

    Args:
        where: the object's address.
    """
    return StoreRefused(
        f"cannot write {where}: the store says that the key is taken, and that it has no such "
        "object. Nothing was lost. Objects may have been removed past the store, from its disk; "
        "ask who runs it, or use another BASE_OUTPUT_PATH.",
        may_have_happened=True,
    )


def refusal(doing: str, where: str, text: str) -> StoreRefused:
    """Return the error for a request that failed.

    Args:
        doing: what was tried: `write`.
        where: the object's address.
        text: what the library said.
    """
    for meaning in _MEANINGS:
        if any(mark in text for mark in meaning.marks):
            return StoreRefused(
                f"cannot {doing} {where}: {meaning.text} Nothing was lost.",
                may_have_happened=meaning.may_have_happened,
            )
    answer = _ANSWER.search(text)
    said = ": ".join(answer.groups()) if answer else text
    return StoreRefused(
        f"cannot {doing} {where}: {' '.join(said.split())[:_LONGEST]} Nothing was lost: start "
        "again, or ask who runs the store.",
        # A request that is at fault itself was not carried out.
        may_have_happened="status code: 4" not in text,
    )
