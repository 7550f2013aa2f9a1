"""Ivy, the dependency resolver inside pyspark: its configuration, and running it.

Ivy uses its built-in repository, so no address is written here.
"""

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from xml.sax.saxutils import quoteattr

from infra.child_process import tied
from infra.jars.artifact import Coordinates
from infra.jars.errors import FetchFailed
from infra.java import Java

__all__ = ["ARTIFACT_PATTERN", "complaint", "descriptor_xml", "fetch", "settings_xml"]

ARTIFACT_PATTERN: Final = (
    "artifacts/[organisation]/[module]/[revision]/[artifact]-[revision](-[classifier]).[ext]"
)

_TROUBLE: Final = re.compile("Server access error|download failed|Exception|^Error")


def settings_xml(*, transitive: bool) -> str:
    """Return Ivy's settings.

    With a lock, only the archives are needed. Without poms and checksums (the lock has its own) Ivy
    takes a fifth of the time.
    """
    poms = str(transitive).lower()
    return f"""\
<ivysettings>
  <property name="ivy.checksums" value=""/>
  <caches artifactPattern={quoteattr(ARTIFACT_PATTERN)}/>
  <settings defaultResolver="central"/>
  <resolvers>
    <ibiblio name="central" m2compatible="true" usepoms="{poms}" useMavenMetadata="false"/>
  </resolvers>
</ivysettings>
"""


def descriptor_xml(module: str, wanted: Iterable[Coordinates], *, transitive: bool) -> str:
    """Return the Ivy module that depends on `wanted`."""
    dependencies = "\n".join(_dependency_xml(one, transitive=transitive) for one in wanted)
    return f"""\
<ivy-module version="2.0" xmlns:m="http://ant.apache.org/ivy/maven">
  <info organisation="infra.jars" module={quoteattr(module)}/>
  <configurations><conf name="default"/></configurations>
  <dependencies>
{dependencies}
  </dependencies>
</ivy-module>
"""


def _dependency_xml(one: Coordinates, *, transitive: bool) -> str:
    name, ext = quoteattr(one.name), quoteattr(one.extension)
    classifier = f" m:classifier={quoteattr(one.classifier)}" if one.classifier else ""
    artifact = f"<artifact name={name} type={ext} ext={ext}{classifier}/>"
    return (
        f"    <dependency org={quoteattr(one.organisation)} name={name}"
        f" rev={quoteattr(one.version)} conf='default->default'"
        f" transitive='{str(transitive).lower()}'>{'' if transitive else artifact}</dependency>"
    )


def fetch(
    java: Java, ivy_jar: Path, cache: Path, wanted: Iterable[Coordinates], *, transitive: bool
) -> None:
    """Fetch archives into `cache` at their `Coordinates.cache_path`; keep those already there.

    Raises:
        FetchFailed: Ivy could not fetch all of them; the message has Ivy's complaint.
    """
    cache.mkdir(parents=True, exist_ok=True)
    settings, descriptor = cache / "ivysettings.xml", cache / "ivy.xml"
    settings.write_text(settings_xml(transitive=transitive), encoding="utf-8")
    descriptor.write_text(
        descriptor_xml(cache.name, wanted, transitive=transitive), encoding="utf-8"
    )
    answer = subprocess.run(  # noqa: S603 - fixed arguments, no shell
        tied(
            [
                *(java.path, "-XX:TieredStopAtLevel=1", "-jar", ivy_jar, "-warn"),
                *("-settings", settings, "-ivy", descriptor, "-cache", cache, "-confs", "default"),
            ]
        ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise FetchFailed(
            f"Ivy could not fetch the {cache.name} jars: {complaint(answer.stdout)}\n"
            "Check the network; a proxy is set with JAVA_TOOL_OPTIONS=-Dhttps.proxyHost=..."
        )


def complaint(output: str) -> str:
    """Return the lines of Ivy's output that say what went wrong.

    They are of one of these two kinds; a refused connection gives both:

        ::          io.apicurio#apicurio-registry-app;3.0.9: not found
            Server access error at url ... (java.net.ConnectException: Connection refused)

    If there are none of either kind, return the last lines.
    """
    lines = [line.strip(": \t") for line in output.splitlines()]
    causes = (
        [line for line in lines if _TROUBLE.search(line)]
        or [line for line in lines if line.endswith(": not found")]
        or lines[-12:]
    )
    return "\n  ".join(dict.fromkeys(causes))
