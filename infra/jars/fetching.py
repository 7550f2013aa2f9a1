"""Fetching and verifying the archives of a lock, the groups side by side."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Final

import stamina

from infra.jars import ivy
from infra.jars.artifact import LockedArtifact, sha256_of
from infra.jars.errors import ChecksumMismatch, FetchFailed, JarsTransient
from infra.jars.installation import Installation
from infra.java import Java

ATTEMPTS: Final = 3

Done = Callable[[Installation, float], None]
"""Told of each group that is ready, and of the seconds it took."""


def install(java: Java, ivy_jar: Path, installations: Sequence[Installation], done: Done) -> None:
    """Fetch, verify and place each group. Sizes differ much, so the small ones do not wait.

    Raises:
        FetchFailed: an archive could not be had in `ATTEMPTS` attempts.
        ChecksumMismatch: an archive is not the locked one.
    """
    began = time.monotonic()
    given_up = threading.Event()

    def is_worth_another_try(error: Exception) -> bool:
        return isinstance(error, JarsTransient) and not given_up.is_set()

    def install_one(one: Installation) -> None:
        for attempt in stamina.retry_context(on=is_worth_another_try, attempts=ATTEMPTS):
            with attempt:
                _fetch_and_verify(java, ivy_jar, one)
        one.place()

    with ThreadPoolExecutor(max_workers=len(installations)) as pool:
        running = {pool.submit(install_one, one): one for one in installations}
        try:
            for future in as_completed(running):
                future.result()
                done(running[future], time.monotonic() - began)
        except BaseException:  # Ctrl-C included, which ends Ivy too: do not start it again
            given_up.set()
            raise


def _fetch_and_verify(java: Java, ivy_jar: Path, one: Installation) -> None:
    wanted = [artifact.coordinates for artifact in one.artifacts]
    ivy.fetch(java, ivy_jar, one.cache, wanted, transitive=False)
    for artifact in one.artifacts:
        verify(artifact, one.cache)


def verify(artifact: LockedArtifact, cache: Path) -> None:
    """Check an archive in the cache against the lock.

    Raises:
        FetchFailed: it is not there.
        ChecksumMismatch: its bytes are others; the file is removed, so that a next run asks anew.
    """
    path = cache / artifact.coordinates.cache_path
    try:
        found = sha256_of(path)
    except FileNotFoundError as exc:
        raise FetchFailed(f"Ivy did not bring {artifact.coordinates}") from exc
    if found != artifact.sha256:
        path.unlink()
        raise ChecksumMismatch(
            f"{path.name} is not the archive in infra/jars/jars.lock: its SHA-256 is {found}, "
            f"locked is {artifact.sha256}. It was removed; run this again, and if it stays so, "
            "what the repository serves for that version has changed: do not use it"
        )
