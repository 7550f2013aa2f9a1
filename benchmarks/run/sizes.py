"""How much to measure: full, quick, or as little as it takes to see that everything works."""

from dataclasses import dataclass, replace
from typing import Final, Self

__all__ = ["FULL", "QUICK", "TINY", "Sizes"]


@dataclass(frozen=True)
class Sizes:
    """How much of everything.

    Attributes:
        name: The name of this set of sizes, written into the results.
        is_thorough: Whether to measure also what no deciding figure needs: rivals with four
            partitions and partitioned tables, every feed, a rival's latency, a second worker.
        rounds: Number of measurements of each; the median counts.
        produce_records: Records that each producer is given, the slow ones a fifth of them.
        land_records: Records in a topic that is landed.
        land_batch: The most records of a micro-batch of whatever runs on Spark.
        land_udf_records: Records for Spark with a Python function, which is slower.
        land_loop_records: Records for the loops in Python, which are slower by far.
        latency_rates: Trades a second.
        latency_seconds: How long trades are sent at each rate; the first seconds do not count.
        latency_warm_up: How many.
        latency_held_seconds: How long at the rate, and by the feed, that decide.
        live_seconds: How long the feed is followed through its troubles; None: not at all.
        query_trades: Trades of the day of five pairs.
        query_commit_seconds: Event time in one commit of that day.
        query_rounds: How often each query is asked.
        open_hour_trades: Trades of an hour that a stream is still adding to.
        scale_trades: Sizes of the lake in millions of trades, smallest first; at each of them
            `land_records` are landed.
        scale_records: Records that are landed of so many pairs, or by so many workers.
        scale_pairs: Numbers of pairs.
        market_pairs: Number of pairs of a market like Kraken's; None: it is not measured.
        log_commits: Lengths of the commit log.
    """

    name: str
    is_thorough: bool
    rounds: int
    produce_records: int
    land_records: int
    land_batch: int
    land_udf_records: int
    land_loop_records: int
    latency_rates: tuple[int, ...]
    latency_seconds: float
    latency_warm_up: float
    latency_held_seconds: float
    live_seconds: float | None
    query_trades: int
    query_commit_seconds: float
    query_rounds: int
    open_hour_trades: int
    scale_trades: tuple[int, ...]
    scale_records: int
    scale_pairs: tuple[int, ...]
    market_pairs: int | None
    log_commits: tuple[int, ...]

    def with_rounds(self, rounds: int) -> Self:
        """Return the same sizes with another number of rounds."""
        return replace(self, rounds=rounds, query_rounds=rounds)

    def with_latency_over(self, seconds: float) -> Self:
        """Return the same sizes with another duration, of which at most a minute is warm-up."""
        return replace(self, latency_seconds=seconds, latency_warm_up=min(60.0, seconds / 4))


FULL: Final = Sizes(
    name="full",
    is_thorough=True,
    rounds=3,
    produce_records=1_000_000,
    land_records=6_000_000,
    land_batch=1_000_000,
    land_udf_records=1_500_000,
    land_loop_records=300_000,
    latency_rates=(100, 1_000, 5_000),
    latency_seconds=60.0,
    latency_warm_up=15.0,
    latency_held_seconds=600.0,
    live_seconds=600.0,
    query_trades=6_000_000,
    query_commit_seconds=60.0,
    query_rounds=7,
    open_hour_trades=1_000_000,
    scale_trades=(1, 10, 50),
    scale_records=1_000_000,
    scale_pairs=(1, 10, 100, 300),
    market_pairs=1_400,
    log_commits=(10_000, 100_000),
)

QUICK: Final = Sizes(
    name="quick",
    is_thorough=False,
    rounds=1,
    produce_records=200_000,
    land_records=1_000_000,
    # Otherwise there would be a single batch, and nothing warm to measure.
    land_batch=250_000,
    land_udf_records=240_000,
    land_loop_records=60_000,
    latency_rates=(1_000,),
    latency_seconds=25.0,
    latency_warm_up=10.0,
    latency_held_seconds=25.0,
    live_seconds=None,
    query_trades=300_000,
    query_commit_seconds=300.0,
    query_rounds=5,
    open_hour_trades=50_000,
    scale_trades=(),
    scale_records=250_000,
    scale_pairs=(100,),
    market_pairs=None,
    log_commits=(10_000,),
)

TINY: Final = Sizes(
    name="tiny",
    is_thorough=True,
    rounds=1,
    produce_records=50_000,
    land_records=120_000,
    land_batch=30_000,
    land_udf_records=60_000,
    land_loop_records=20_000,
    latency_rates=(1_000,),
    latency_seconds=16.0,
    latency_warm_up=8.0,
    latency_held_seconds=32.0,
    live_seconds=60.0,
    query_trades=60_000,
    query_commit_seconds=1_800.0,
    query_rounds=3,
    open_hour_trades=10_000,
    scale_trades=(1,),
    scale_records=60_000,
    scale_pairs=(1, 10),
    market_pairs=50,
    log_commits=(2_000,),
)
