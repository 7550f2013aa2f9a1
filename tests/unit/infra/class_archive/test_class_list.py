import re
import zipfile

from infra.class_archive.class_list import CLASS_LIST, class_names, sorted_list
from infra.jars.pyspark_home import find_pyspark

RAW = """\
# NOTE: Do not modify this file.
#
java/lang/Object
scala/Option
@lambda-proxy scala/Option apply ()Lscala/Function0; ()Ljava/lang/Object; REF_invokeStatic
org/example/Own source: /tmp/own.jar
"""


def test_lists_of_java_become_one() -> None:
    """Each line once, classes before lambdas, without comments and classes of other loaders."""
    other = "java/lang/Class\njava/lang/Object\n"
    merged = sorted_list([RAW, other]).splitlines()
    assert merged[:3] == ["java/lang/Class", "java/lang/Object", "scala/Option"]
    assert [line.split()[0] for line in merged[3:]] == ["@lambda-proxy"]


def test_names_are_those_of_classes() -> None:
    """Comments and lambdas name no class of their own."""
    assert list(class_names(RAW)) == ["java/lang/Object", "scala/Option", "org/example/Own"]


def test_the_list_is_as_the_program_writes_it() -> None:
    """Nobody has edited it."""
    text = CLASS_LIST.read_text(encoding="utf-8")
    assert sorted_list([text]) == text


def test_the_list_is_of_this_spark() -> None:
    """After an update of Spark, whose classes have other names, it has to be written again."""
    there = {
        name.removesuffix(".class")
        for jar in find_pyspark().jars.glob("*.jar")
        for name in zipfile.ZipFile(jar).namelist()
    }
    listed = set(class_names(CLASS_LIST.read_text(encoding="utf-8")))
    ours = {name for name in listed if re.match(r"org/apache/(spark|kafka|avro|arrow)/", name)}
    assert len(ours) > 5000
    assert len(ours - there) < 0.02 * len(ours), sorted(ours - there)[:20]
