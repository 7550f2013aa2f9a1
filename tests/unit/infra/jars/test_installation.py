from pathlib import Path

import pytest

from infra.jars.errors import LockInvalid
from infra.jars.groups import KAFKA, PLATFORM, REGISTRY, SPARK
from infra.jars.installation import plan
from infra.jars.lock import load_lock
from infra.jars.pyspark_home import find_pyspark


def test_spark_jars_go_to_pyspark_and_the_others_to_their_folders(tmp_path: Path) -> None:
    """A plain spark-submit finds the connector; broker and registry have a folder each."""
    pyspark = find_pyspark()
    targets = {one.group: one.target for one in plan(PLATFORM, load_lock(), tmp_path, pyspark)}
    assert targets == {
        KAFKA: tmp_path / "kafka",
        REGISTRY: tmp_path / "registry",
        SPARK: pyspark.jars,
    }


def test_an_empty_folder_is_not_complete(tmp_path: Path) -> None:
    """Nothing there means everything to do."""
    (kafka,) = plan([KAFKA], load_lock(), tmp_path, find_pyspark())
    assert not kafka.is_complete()
    assert kafka.size > 40_000_000


def test_a_group_that_is_not_locked_is_reported(tmp_path: Path) -> None:
    """The error names the group and the command that locks it."""
    with pytest.raises(LockInvalid, match=r"no group 'kafka'.*--lock"):
        plan([KAFKA], {}, tmp_path, find_pyspark())
