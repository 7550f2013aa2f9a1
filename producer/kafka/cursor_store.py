"""Reading the producer's positions back from the compacted topic that holds them."""

from collections.abc import Callable, Iterable

from producer.kafka.topic_reader import TopicReader
from producer.model.cursor import Cursor

__all__ = ["newest_cursors", "read_cursors"]

KeyAndValue = tuple[bytes | None, bytes | None]


def newest_cursors(
    records: Iterable[KeyAndValue], decode: Callable[[bytes], Cursor]
) -> dict[str, Cursor | None]:
    """The newest cursor under each key; see `producer.model.cursor_scope` for what the keys mean.

    Args:
        records: Keys and values of the topic, oldest first. A value of None takes the cursor
            back, which is how an operator makes a pair start anew; it is told apart from a
            cursor that never was, which may have been lost.
        decode: Reads a value.
    """
    newest = {key or b"": value for key, value in records}
    return {
        key.decode(errors="replace"): None if value is None else decode(value)
        for key, value in newest.items()
    }


def read_cursors(topic: TopicReader, decode: Callable[[bytes], Cursor]) -> dict[str, Cursor | None]:
    """The newest committed cursor under each key, live polling's and backfills'.

    To be called after the transactional id has been opened: only then no transaction of ours
    is open any more, whose cursor would be missed. Another producer's open transaction is waited
    for, as it may hide a cursor of ours that was committed behind it.

    Raises:
        CursorUnusable: A cursor cannot be decoded.
        KafkaUnavailable: The end was not reached in time.
        TopicUnusable: The topic cannot be read.
    """
    return newest_cursors(((record.key(), record.value()) for record in topic.read()), decode)
