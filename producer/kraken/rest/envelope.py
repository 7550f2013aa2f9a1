"""The envelope around each of Kraken's answers: `{"error": [...], "result": {...}}`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from producer.kraken.rest.answer import read_answer
from producer.kraken.rest.refusals import refusal
from producer.model.venue_errors import AnswerMalformed

__all__ = ["Envelope", "open_envelope"]

_EXCERPT: Final = 80


@dataclass(frozen=True, slots=True)
class Envelope:
    """An answer that is no error.

    Attributes:
        asked: The call, as error messages name it: `Trades for XBTUSDT`.
        text: The whole answer.
        result: Its `result`, decoded by `read_answer`.
        warnings: Messages that begin with `W`, such as `WGeneral:Deprecated`.
    """

    asked: str
    text: str
    result: Mapping[str, object]
    warnings: tuple[str, ...]

    def malformed(self, what: str) -> AnswerMalformed:
        """Return the error for a result that lacks what was asked for."""
        return AnswerMalformed(f"Kraken's answer to {self.asked} {what}")


def open_envelope(body: bytes | str, *, asked: str) -> Envelope:
    """Read the result from an answer.

    Raises:
        AnswerMalformed: The body is no JSON, or no envelope.
        VenueError: The envelope holds an error; its type says whether to try again.
    """
    try:
        text = body if isinstance(body, str) else body.decode()
        answer = read_answer(text)
    except ValueError as error:
        raise AnswerMalformed(
            f"Kraken's answer to {asked} is no JSON ({error}): {body[:_EXCERPT]!r}"
        ) from error
    messages = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(answer, dict) or not isinstance(messages, list):
        raise AnswerMalformed(
            f"Kraken's answer to {asked} has no list of errors: {text[:_EXCERPT]!r}"
        )
    warnings = tuple(str(message) for message in messages if str(message).startswith("W"))
    errors = [str(message) for message in messages if not str(message).startswith("W")]
    if errors:
        raise refusal(errors, asked)
    result = answer.get("result")
    if not isinstance(result, dict):
        raise AnswerMalformed(f"Kraken's answer to {asked} holds neither an error nor a result")
    return Envelope(asked, text, result, warnings)
