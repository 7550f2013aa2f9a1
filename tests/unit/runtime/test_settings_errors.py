import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAMS = [
    (["producer"], "producer: "),
    (["producer", "offsets"], "producer: "),
    (["schemas", "check"], "schemas: "),
    (["spark_consumer.main", "--once"], "spark_consumer: "),
    (["spark_consumer.replay"], "spark_consumer.replay: "),
    (["infra.monitor", "services"], "infra.monitor: "),
]


@pytest.mark.parametrize(("program", "name"), PROGRAMS, ids=lambda value: value[0])
def test_a_topic_that_cannot_be_is_a_mistake_in_the_settings(
    tmp_path: Path, program: list[str], name: str
) -> None:
    """Every program that talks to Kafka prints one line about it, before it asks any service."""
    ended = subprocess.run(
        [sys.executable, "-m", *program],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "KAFKA_TOPIC": "a,b",
            "SCHEMA_REGISTRY_URL": "http://127.0.0.1:1",
            "BASE_OUTPUT_PATH": str(tmp_path),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    (line,) = ended.stderr.splitlines()
    assert ended.returncode == 1
    assert line.startswith(f"{name}KAFKA_TOPIC: 'a,b' is not a topic name: ")
