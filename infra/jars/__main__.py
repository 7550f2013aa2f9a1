"""`python -m infra.jars`: install missing Java archives; `--lock`: resolve and lock them again."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from infra.jars.errors import JarsError
from infra.jars.groups import GROUPS, PLATFORM
from infra.jars.installation import DEFAULT_FOLDER, Installation, exclusive, plan
from infra.jars.lock import LOCK_FILE, load_lock, render_lock
from infra.jars.pyspark_home import find_pyspark
from infra.java import JavaError, find_java
from runtime.output import outlive_readers

__all__ = ["main", "parse_arguments"]


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the requested groups, the folder, and whether to write a new lock."""
    parser = argparse.ArgumentParser(prog="python -m infra.jars", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=", ".join(GROUPS))
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="default: %(default)s")
    parser.add_argument("--lock", action="store_true", help="resolve again, rewrite jars.lock")
    parsed = parser.parse_args(arguments)
    unknown = [name for name in parsed.groups if name not in GROUPS]
    if unknown:
        parser.error(f"no group {', '.join(unknown)}; there are {', '.join(GROUPS)}")
    return parsed


def install(names: Sequence[str], folder: Path) -> None:
    """Install the groups that are not complete, by default the platform's, and print which."""
    groups = [GROUPS[name] for name in names] or PLATFORM
    installations = plan(groups, load_lock(), folder, find_pyspark())
    missing = [one for one in installations if not one.is_complete()]
    if missing:
        with exclusive(folder, _say_waiting):
            _fetch([one for one in missing if not one.is_complete()])
    else:
        listed = ", ".join(f"{one.group.name} {len(one.artifacts)}" for one in installations)
        sys.stdout.write(f"Java archives are ready ({listed})\n")


def _fetch(missing: Sequence[Installation]) -> None:
    # Imported here because every make target runs this program and most runs have nothing to do:
    # these imports take longer than the whole check.
    from rich.console import Console  # noqa: PLC0415
    from stamina.instrumentation import set_on_retry_hooks  # noqa: PLC0415

    from infra.jars.fetching import install as fetch_all  # noqa: PLC0415
    from infra.jars.report import Report  # noqa: PLC0415

    report = Report(Console())
    set_on_retry_hooks([report.retrying])
    if missing:
        report.starting(missing)
        with report.progress(missing):
            fetch_all(find_java(), missing[0].pyspark.ivy_jar, missing, report.done)


def _say_waiting() -> None:
    sys.stdout.write("Waiting for another process that fetches Java archives\n")
    sys.stdout.flush()


def relock(folder: Path) -> None:
    """Rewrite jars.lock."""
    from infra.jars.relock import resolve_lock  # noqa: PLC0415 - as in _fetch

    began = time.monotonic()
    with exclusive(folder, _say_waiting):
        lock = resolve_lock(find_java(), find_pyspark(), folder, GROUPS.values())
    LOCK_FILE.write_text(render_lock(lock), encoding="utf-8")
    archives = sum(map(len, lock.values()))
    seconds = time.monotonic() - began
    sys.stdout.write(f"Locked {archives} archives in {seconds:.1f} s -> {LOCK_FILE}\n")


def main(arguments: Sequence[str]) -> int:
    """Run the command and return its exit status."""
    parsed = parse_arguments(arguments)
    try:
        if parsed.lock:
            relock(parsed.folder)
        else:
            install(parsed.groups, parsed.folder)
    except (JarsError, JavaError, OSError) as error:
        sys.stderr.write(f"infra.jars: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    outlive_readers()
    sys.exit(main(sys.argv[1:]))
