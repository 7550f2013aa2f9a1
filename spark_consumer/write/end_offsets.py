"""Where a micro-batch ends, as the running query knows it.

It is the exact end: the highest offset of a row plus one is not, since the control records of
transactions take offsets too.
"""

import json
from collections.abc import Mapping

from py4j.protocol import Py4JError, Py4JJavaError, Py4JNetworkError
from pyspark.sql.streaming.query import StreamingQuery

from spark_consumer.errors import SparkFailed

__all__ = ["end_offsets", "parse_offsets"]


def end_offsets(query: StreamingQuery, topic: str) -> Mapping[int, int]:
    """The offset after the last one of the batch at hand, per partition of the topic.

    Args:
        query: with this one source.
        topic: that it reads.

    Raises:
        SparkFailed: this Spark does not tell, or in another form.
        Py4JError: it failed or ended while it was asked.
    """
    try:
        execution = query._jsq.streamingQuery()  # noqa: SLF001 - Python's own query does not tell
        return parse_offsets(execution.availableOffsets().values().head().json(), topic)
    except (Py4JJavaError, Py4JNetworkError):
        raise  # says nothing about what this Spark can tell
    except (AttributeError, KeyError, Py4JError, TypeError, ValueError) as error:
        raise SparkFailed(
            f"Spark does not tell where the micro-batch ends, as Spark 4.1 does: {error!r}. "
            "Nothing was lost. Run the version that requirements/ names."
        ) from error


def parse_offsets(text: str, topic: str) -> Mapping[int, int]:
    """An offset of Spark's Kafka source, such as `{"kraken.trades":{"0":1004,"1":0}}`.

    Raises:
        KeyError, TypeError, ValueError: it is another topic's, or of another form.
    """
    return {int(partition): offset for partition, offset in json.loads(text)[topic].items()}
