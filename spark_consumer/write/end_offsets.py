"""The end offsets of a micro-batch, from the running query.

They are exact. The highest offset of a row plus one is not, since the control records of
transactions take offsets too.
"""

import json
from collections.abc import Mapping

from py4j.protocol import Py4JError, Py4JJavaError, Py4JNetworkError
from pyspark.sql.streaming.query import StreamingQuery

from spark_consumer.errors import SparkFailed

__all__ = ["end_offsets", "parse_offsets"]


def end_offsets(query: StreamingQuery, topic: str) -> Mapping[int, int]:
    """Return the offset after the last one of the current batch, per partition of the topic.

    Args:
        query: the running query, which has one source.
        topic: the topic that it reads.

    Raises:
        SparkFailed: This version of Spark does not give the offsets, or in another form.
        Py4JError: Spark failed or ended during the call.
    """
    try:
        execution = query._jsq.streamingQuery()  # noqa: SLF001 - the public API lacks it
        return parse_offsets(execution.availableOffsets().values().head().json(), topic)
    except (Py4JJavaError, Py4JNetworkError):
        raise  # Says nothing about whether this Spark has the method.
    except (AttributeError, KeyError, Py4JError, TypeError, ValueError) as error:
        raise SparkFailed(
            f"Spark does not give the end offsets of the micro-batch as Spark 4.1 does: {error!r}. "
            "Nothing was lost. Run the version that requirements/ names."
        ) from error


def parse_offsets(text: str, topic: str) -> Mapping[int, int]:
    """Parse an offset of Spark's Kafka source, such as `{"kraken.trades":{"0":1004,"1":0}}`.

    Raises:
        KeyError, TypeError, ValueError: It is another topic's, or in another form.
    """
    return {int(partition): offset for partition, offset in json.loads(text)[topic].items()}
