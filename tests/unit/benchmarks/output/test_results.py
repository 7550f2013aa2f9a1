"""What `results/latest.json` says."""

import json
from pathlib import Path

from benchmarks.output.figures import Figure
from benchmarks.output.results import figures_in, read, rendered, renewed, write
from benchmarks.output.targets import TARGETS

KEYS = {
    "produce.vs_documented",
    "produce.vs_raw",
    "land.vs_read",
    "land.vs_deserializer_loop",
    "land.mixed_vs_single",
    "land.vs_iceberg_sink",
    "land.cpu_s_per_million",
    "land.vs_spark_file_sink",
    "land.four_partitions_vs_one",
    "land.cold_first_million_s",
    "latency.1000.cpu_cores",
    "latency.1000.p50_s",
    "latency.1000.p99_s",
    "query.compacted_vs_sorted",
    "query.bytes_per_trade",
    "query.bytes_vs_csv_gz",
    "store.vs_disk",
    "store.vs_iceberg_sink",
    "tables.sync.vs_stream",
    "tables.lag.p50_s",
    "tables.vs_files",
    "tables.iceberg.sync.vs_stream",
    "tables.iceberg.lag.p50_s",
    "tables.iceberg.vs_files",
}


def test_every_promised_key_is_there_and_has_a_target() -> None:
    """The file has all of them; what was not measured is null."""
    assert set(TARGETS) == KEYS
    content = rendered({}, {})
    assert {name: content[name] for name in KEYS} == dict.fromkeys(KEYS)


def test_medians_are_flat_and_spreads_stand_apart() -> None:
    """A figure's name is a key of the file itself; lowest and highest are under `spread`."""
    figures = {"land.vs_read": Figure((0.8, 0.9, 1.0)), "more": Figure((2.0,))}
    content = rendered(figures, {"machine": {"cores": 2}})
    assert content["land.vs_read"] == 0.9
    assert content["more"] == 2.0
    assert content["spread"] == {"land.vs_read": [0.8, 1.0]}
    assert content["machine"] == {"cores": 2}


def test_the_file_is_read_back(tmp_path: Path) -> None:
    """It is JSON, whole, in a folder that need not be there before."""
    file = tmp_path / "results" / "latest.json"
    write(file, rendered({"land.vs_read": Figure((1 / 3,))}, {}))
    assert read(file)["land.vs_read"] == 0.333333
    assert json.loads(file.read_text())["land.vs_iceberg_sink"] is None
    assert [path.name for path in file.parent.iterdir()] == ["latest.json"]


def test_what_is_measured_again_takes_the_place_of_what_was() -> None:
    """The other figures stay, and the file says what each was measured on."""
    first = rendered(
        {"land.rows": Figure((1.0, 2.0, 9.0)), "latency.p50_s": Figure((0.5,))}, {"at": "noon"}
    )
    then = renewed(first, {"latency.p50_s": Figure((0.25,))}, {"at": "one"})
    assert (then["land.rows"], then["latency.p50_s"], then["at"]) == (2.0, 0.25, "noon")
    assert then["spread"] == {"land.rows": [1.0, 9.0]}
    assert then["measured_again"] == [{"at": "one", "figures": ["latency.p50_s"]}]
    later = renewed(then, {}, {"at": "two"})
    assert [one["at"] for one in later["measured_again"]] == ["one", "two"]


def test_figures_are_read_back_with_their_spread() -> None:
    """For plots: the median, the lowest and the highest; null if it was not measured."""
    figures = {"land.rows": Figure((4.0, 2.0)), "latency.p50_s": Figure((0.5,))}
    assert figures_in(rendered(figures, {"at": "noon"})) == {
        "land.rows": Figure((2.0, 3.0, 4.0)),
        "latency.p50_s": Figure((0.5,)),
    }


def test_targets_tell_on_which_side_of_the_bound_a_median_is() -> None:
    """At the bound it is reached."""
    assert TARGETS["land.vs_read"].is_reached(0.8)
    assert not TARGETS["land.vs_read"].is_reached(0.79)
    assert TARGETS["latency.1000.p50_s"].is_reached(0.35)
    assert not TARGETS["latency.1000.p50_s"].is_reached(0.36)
