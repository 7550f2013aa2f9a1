"""Fetches and verifies the archives of a lock, the groups in parallel."""

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

__all__ = ["ATTEMPTS", "Done", "install", "verify"]

ATTEMPTS: Final = 3

Done = Callable[[Installation, float], None]
"""Called with each group that is ready, and the seconds that it took."""


def install(java: Java, ivy_jar: Path, installations: Sequence[Installation], done: Done) -> None:
    """Fetch, verify and place the groups in parallel: small groups do not wait for large ones.

    Raises:
        FetchFailed: An archive could not be fetched in `ATTEMPTS` attempts.
        ChecksumMismatch: An archive differs from the locked one.
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
        except BaseException:  # including Ctrl-C, which ends Ivy too: do not start it again
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
        FetchFailed: The archive is not in the cache.
        ChecksumMismatch: Its content differs. The file is removed, so that the next run fetches it
            again.
    """
    path = cache / artifact.coordinates.cache_path
    try:
        found = sha256_of(path)
    except FileNotFoundError as error:
        raise FetchFailed(f"Ivy did not bring {artifact.coordinates}") from error
    if found != artifact.sha256:
        path.unlink()
        raise ChecksumMismatch(
            f"{path.name} is not the archive in infra/jars/jars.lock: its SHA-256 is {found}, "
            f"the locked one is {artifact.sha256}. The file was removed. Run this again; if the "
            "error stays, the repository serves another archive for that version: do not use it"
        )
