import pytest

from lake.storage.store_errors import refusal

WHERE = "s3://trades/lake/x.json"
ANSWER = "Server returned non-2xx status code: {}: <Error><Code>{}</Code><Message>No.</Message>"


@pytest.mark.parametrize(
    ("text", "meaning", "may_have_happened"),
    [
        (ANSWER.format("404 Not Found", "NoSuchBucket"), "there is no such bucket", False),
        (ANSWER.format("403 Forbidden", "SignatureDoesNotMatch"), "does not accept the", False),
        (ANSWER.format("403 Forbidden", "AccessDenied"), "the credentials do not allow it", False),
        (ANSWER.format("301 Moved Permanently", "PermanentRedirect"), "in another region", False),
        (ANSWER.format("403 Forbidden", "RequestTimeTooSkewed"), "this machine's clock", False),
        (ANSWER.format("503 Service Unavailable", "SlowDown"), "is throttling", True),
        (ANSWER.format("501 Not Implemented", "NotImplemented"), "does not offer", False),
        (ANSWER.format("400 Bad Request", "Odd"), "Odd: No.", False),
        (ANSWER.format("500 Internal Server Error", "InternalError"), "InternalError: No.", True),
        ("Generic S3 error: error sending request", "the store does not answer", True),
        ("Error performing PUT http://169.254.169.254/latest", "there are no credentials", False),
    ],
)
def test_a_refusal_is_one_sentence_with_what_to_do(
    text: str, meaning: str, *, may_have_happened: bool
) -> None:
    """What was tried, on which object, why not; and whether it may have happened all the same."""
    error = refusal("write", WHERE, f"GenericError: {text}")
    assert str(error).startswith(f"cannot write {WHERE}: ")
    assert meaning in str(error)
    assert "Nothing was lost" in str(error)
    assert error.may_have_happened is may_have_happened
