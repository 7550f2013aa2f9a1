import subprocess
import sys

import pytest

from infra.jars.pyspark_home import find_pyspark, is_version_of, with_python


@pytest.mark.parametrize(
    ("jar", "artifact"),
    [
        ("commons-pool-1.5.4.jar", "commons-pool"),
        ("spark-sql-kafka-0-10_2.13-4.1.1.jar", "spark-sql-kafka-0-10_2.13"),
        ("log4j-1.2-api-2.24.3.jar", "log4j-1.2-api"),
        ("zstd-jni-1.5.7-6.jar", "zstd-jni"),
    ],
)
def test_any_version_of_an_artefact_is_known(jar: str, artifact: str) -> None:
    """Digits in the name itself do not mislead."""
    assert is_version_of(artifact, jar)


@pytest.mark.parametrize(
    ("jar", "artifact"),
    [
        ("commons-pool2-2.12.1.jar", "commons-pool"),
        ("spark-sql-api_2.13-4.1.1.jar", "spark-sql"),
        ("avro-ipc-1.12.1.jar", "avro"),
        ("avro-1.12.1.txt", "avro"),
    ],
)
def test_another_artefact_is_not_a_version(jar: str, artifact: str) -> None:
    """A name that only begins alike is another artefact."""
    assert not is_version_of(artifact, jar)


def test_the_python_of_the_environment_is_set_for_driver_and_workers() -> None:
    """An empty file gets both keys."""
    assert with_python("", "/v/bin/python") == (
        "spark.pyspark.python /v/bin/python\nspark.pyspark.driver.python /v/bin/python\n"
    )


def test_other_defaults_are_kept_and_an_older_python_is_replaced() -> None:
    """A user's own settings stay; writing twice changes nothing."""
    own = "spark.ui.enabled false\n"
    defaults = own + "  spark.pyspark.python=/old\nspark.pyspark.driver.python x\n"
    once = with_python(defaults, "/v/bin/python")
    assert once.startswith(own)
    assert "/old" not in once
    assert with_python(once, "/v/bin/python") == once


def test_the_pyspark_of_this_environment_ships_ivy_and_not_the_kafka_client() -> None:
    """What is left out of the lock is what pyspark came with, not what was added to it."""
    pyspark = find_pyspark()
    assert pyspark.ivy_jar.is_file()
    assert pyspark.ships("snappy-java")
    assert not pyspark.ships("kafka-clients")


def test_finding_pyspark_does_not_load_it() -> None:
    """Every make target looks for it, and loading takes longer than all else that they check."""
    program = (
        "import sys; from infra.jars.pyspark_home import find_pyspark; find_pyspark(); "
        "sys.exit('pyspark' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
