from pathlib import Path

from infra.class_archive.defaults import with_archive, without_archive
from infra.jars.pyspark_home import with_python

JARS = Path("/venv/pyspark/jars")
ARCHIVE = Path("/venv/pyspark/classes/0a.jsa")
PYTHON = "spark.pyspark.python /venv/bin/python\nspark.pyspark.driver.python /venv/bin/python\n"


def test_the_jars_come_first_and_java_is_silent_about_an_archive_that_does_not_fit() -> None:
    """Both settings are there, and the file is quoted for a path with spaces."""
    lines = with_archive(PYTHON, JARS, ARCHIVE).splitlines()
    assert "spark.driver.extraClassPath /venv/pyspark/jars/*" in lines
    assert (
        'spark.driver.defaultJavaOptions "-XX:SharedArchiveFile=/venv/pyspark/classes/0a.jsa" '
        "-Xshare:auto -Xlog:cds*=off"
    ) in lines


def test_both_programs_that_write_the_settings_agree() -> None:
    """Neither undoes nor moves what the other has written, so that nothing is left to do."""
    once = with_archive(with_python("", "/venv/bin/python"), JARS, ARCHIVE)
    assert with_python(once, "/venv/bin/python") == once
    assert with_archive(once, JARS, ARCHIVE) == once


def test_a_new_archive_replaces_the_old_one() -> None:
    """The settings name one archive, and all else stays."""
    newer = ARCHIVE.with_name("0b.jsa")
    own = "spark.ui.enabled false\n" + PYTHON
    text = with_archive(with_archive(own, JARS, ARCHIVE), JARS, newer)
    assert text == with_archive(own, JARS, newer)
    assert str(ARCHIVE) not in text
    assert without_archive(text) == own


def test_settings_of_the_user_stay() -> None:
    """The class path and Java's options are the user's to set; the archive is not named then."""
    for own in (
        "spark.driver.extraClassPath /opt/driver.jar\n",
        "  spark.driver.defaultJavaOptions=-XX:+UseParallelGC\n",
    ):
        assert with_archive(own, JARS, ARCHIVE) == own
        assert with_archive(with_archive("", JARS, ARCHIVE) + own, JARS, ARCHIVE) == own


def test_a_setting_with_a_longer_name_is_another_one() -> None:
    """A comment, or a key that begins alike, does not keep the archive out."""
    own = "# spark.driver.extraClassPath x\nspark.driver.extraClassPathology y\n"
    assert "SharedArchiveFile" in with_archive(own, JARS, ARCHIVE)
