"""Read the producer's positions from the compacted topic that holds them."""

from collections.abc import Callable, Iterable

from producer.kafka.topic_reader import TopicReader
from producer.model.cursor import Cursor

__all__ = ["newest_cursors", "read_cursors"]

KeyAndValue = tuple[bytes | None, bytes | None]


def newest_cursors(
    records: Iterable[KeyAndValue], decode: Callable[[bytes], Cursor]
) -> dict[str, Cursor | None]:
    """Return the newest cursor of each key; `producer.model.cursor_scope` explains the keys.

    Args:
        records: Keys and values of the topic, oldest first. A value of None removes the cursor:
            so an operator makes a pair start again. It differs from a key without any record,
            whose cursor may have been lost.
        decode: Decodes a value.
    """
    newest = {key or b"": value for key, value in records}
    return {
        key.decode(errors="replace"): None if value is None else decode(value)
        for key, value in newest.items()
    }


def read_cursors(topic: TopicReader, decode: Callable[[bytes], Cursor]) -> dict[str, Cursor | None]:
    """Read the newest committed cursor of each key, of live polling and of backfills.

    Call it after the transactional id has been opened: only then is no transaction of ours open
    any more, whose cursor would be missed. It waits for another producer's open transaction, which
    may hide a cursor of ours that was committed after it.

    Raises:
        CursorUnusable: A cursor cannot be decoded.
        KafkaUnreachable: The end was not reached in time.
        TopicUnusable: The topic cannot be read.
    """
    return newest_cursors(((record.key(), record.value()) for record in topic.read()), decode)
