"""Spark reading alone, the limit: reads Kafka's committed records and discards them undecoded.

With `--in-large-polls` its consumer polls as many records at once as the platform's.
"""

import json
import sys
from datetime import datetime
from typing import Any

from benchmarks.rivals.job import Job
from benchmarks.rivals.spark_source import finish, records, session, start

__all__ = ["main"]


def main() -> None:
    """Read the job's records, and write the progress of each batch."""
    job = Job.from_argument()
    spark = session("spark-read")
    spark.conf.set("spark.sql.streaming.numRecentProgressUpdates", "10000")
    more = {"kafka.max.poll.records": "10000"} if "--in-large-polls" in sys.argv else {}
    query = start(records(spark, job, **more).writeStream.format("noop"), job)
    finish(query)
    lines = [json.dumps(_figures(one)) for one in query.recentProgress]
    job.progress.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _figures(progress: Any) -> dict[str, float]:  # noqa: ANN401 - a StreamingQueryProgress or a dict
    """Return when a batch ended, and its rows."""
    began = datetime.fromisoformat(progress["timestamp"]).timestamp()
    return {
        "at": began + progress["durationMs"]["triggerExecution"] / 1000,
        "rows": progress["numInputRows"],
    }


if __name__ == "__main__":
    main()
