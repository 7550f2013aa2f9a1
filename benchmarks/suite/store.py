"""The lake in an object store beside the lake on disk: rows a second, requests, bytes, dollars.

Both land the same topic in turn, into an S3 server on this machine and into a folder, and so does
Iceberg's sink of Kafka Connect into that server. Then the stream follows live trades into both
lakes with a trigger of a second. For the requests, it lands small batches of eight pairs through a
proxy that counts.
"""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Final

from benchmarks.data.prices import dollars_a_month
from benchmarks.data.topics import Filling
from benchmarks.output.figures import Figure, Measurements, ratios
from benchmarks.rivals.job import Job
from benchmarks.run.candidates import Candidate
from benchmarks.run.environment import Environment
from benchmarks.run.processes import ProgramFailed
from benchmarks.run.rounds import Round, in_rounds
from benchmarks.run.timeline import Timeline
from benchmarks.suite.land import filling_of
from benchmarks.suite.landing import Landing, land
from benchmarks.suite.store_lakes import StoreLake
from benchmarks.suite.store_live import follow
from infra.jars.installation import DEFAULT_FOLDER as JARS
from infra.object_store.errors import StoreUnavailable
from infra.object_store.proxy import Request, StoreProxy
from infra.object_store.server import ObjectStore
from lake.log.commit import Commit

__all__ = ["measure"]

_WARM_AFTER: Final = 6
_TRIGGER_SECONDS: Final = 5.0
"""The stream's default on an object store."""
_COUNTED_BATCHES: Final = 20
_COUNTED_RECORDS: Final = 8_000
_COUNTED_SECONDS: Final = 600.0
"""Of event time: all in one hour, or across the border of two."""


def measure(bench: Environment) -> Mapping[str, Figure]:
    """Measure both lakes in turn, then count requests.

    Raises:
        ProgramFailed: The stream did not land what there is, or no store can be built here.
    """
    try:
        with (
            ObjectStore(bench.fresh_folder("object-store"), JARS) as store,
            _pointing_to(store.env()),
        ):
            return _measure(bench, store)
    except StoreUnavailable as error:
        raise ProgramFailed(str(error)) from error


def _measure(bench: Environment, store: ObjectStore) -> Mapping[str, Figure]:
    topic = bench.topic(filling_of(bench.sizes.land_records))
    disk, s3, iceberg = StoreLake("disk"), StoreLake("s3", store), StoreLake("iceberg", store)
    programs = ((disk, disk.stream()), (s3, s3.stream()), (iceberg, iceberg.iceberg_sink()))
    entries = [
        Round(f"store.{lake.where}", partial(_landed, bench, lake, program, topic))
        for lake, program in programs
    ]
    measured = in_rounds(bench, entries, bench.sizes.rounds)
    for other, ratio in (("disk", "store.vs_disk"), ("iceberg", "store.vs_iceberg_sink")):
        rates = [measured.get(f"store.{where}.rows_per_s") for where in ("s3", other)]
        if rates[0] is not None and rates[1] is not None:
            measured = {**measured, ratio: ratios(rates[0], rates[1])}
    once = [
        *(Round(f"store.{lake.where}.live", partial(follow, bench, lake)) for lake in (disk, s3)),
        Round("store.requests", partial(_count_requests, bench, store)),
    ]
    return {**measured, **in_rounds(bench, once, 1)}


def _landed(bench: Environment, lake: StoreLake, program: Candidate, topic: str) -> Measurements:
    records = bench.sizes.land_records
    landing = Landing(
        program,
        topic,
        records,
        bench.sizes.land_batch,
        warm_after=records // _WARM_AFTER,
        prepare=lake.empty,
    )
    measured = land(bench, landing)
    return {f"store.{lake.where}.{name}": value for name, value in measured.items()}


def _count_requests(bench: Environment, store: ObjectStore) -> Measurements:
    """Land small batches of eight pairs; return what one of them costs."""
    topic = bench.topic(Filling(_COUNTED_RECORDS, seconds=_COUNTED_SECONDS))
    commits: list[Commit] = []
    with StoreProxy(store.endpoint) as proxy:
        lake = StoreLake("counted", store, proxy.endpoint)

        def kept(job: Job) -> Timeline:
            commits[:] = lake.commits(job)
            return lake.stream().timeline(job)

        counted = replace(lake.stream(), timeline=kept)
        batch = _COUNTED_RECORDS // _COUNTED_BATCHES
        land(bench, Landing(counted, topic, _COUNTED_RECORDS, batch, 0, prepare=lake.empty))
        return _costs(commits, list(proxy.requests))


def _costs(commits: Sequence[Commit], all_requests: Sequence[Request]) -> Measurements:
    """Return the requests, bytes and dollars of the batches after the first one.

    They are counted from commit to commit, so that the stream's start and end are left out.
    """
    names = tuple(f"/{commit.number:020d}.json" for commit in commits)
    written = [
        at for at, one in enumerate(all_requests) if one.method == "PUT" and one.key.endswith(names)
    ]
    requests, batches = all_requests[written[0] + 1 : written[-1] + 1], len(commits) - 1
    kinds = Counter(one.kind for one in requests)
    each = {kind: count / batches for kind, count in kinds.items()}
    sent = sum(one.sent for one in requests)
    rows = sum(commit.rows for commit in commits[1:])
    return {
        "store.batch.files": sum(len(commit.files) for commit in commits[1:]) / batches,
        "store.batch.requests": len(requests) / batches,
        **{f"store.batch.{kind.lower()}": count for kind, count in sorted(each.items())},
        "store.batch.sent_kb": sent / batches / 1e3,
        "store.batch.received_kb": sum(one.received for one in requests) / batches / 1e3,
        "store.million.requests": len(requests) / rows * 1e6,
        "store.million.sent_mb": sent / rows,
        "store.dollars_a_month": dollars_a_month(each, _TRIGGER_SECONDS),
    }


@contextmanager
def _pointing_to(variables: Mapping[str, str]) -> Iterator[None]:
    """Let this process and those that it starts find the store."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
