import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from infra.fake_kraken import DEFAULT_RECORDING
from lake.id_ranges import Run
from lake.layout import LakeLayout
from lake.log.snapshot import read_snapshot
from lake.verify.candle_answers import CandleAnswers
from lake.verify.checks.candle_check import Candle, check_candles
from lake.verify.references import References
from lake.verify.result import CandleProof, Problem, ProblemKind
from lake.verify.verification import verify
from producer.cli.candles_table import as_json
from producer.kraken.pairs import KrakenPair
from producer.kraken.rest.candles import read_candles
from producer.kraken.rest.envelope import open_envelope
from tests.engine import ROOT
from tests.unit.lake.lakes import AT, HOUR, land
from tests.unit.lake.minutes import MINUTE, minute_candles, one_a_minute, table

PAIR = KrakenPair("XBTUSDT", "XBT/USDT", "XBTUSDT", "BTC/USDT")
OHLC = ROOT / "tests" / "unit" / "producer" / "kraken" / "data" / "ohlc_XBTUSDT_2025-11-10.json"


def candles() -> list[Candle]:
    """Recorded ones, as the producer's program hands them on."""
    listed = as_json(read_candles(open_envelope(OHLC.read_bytes(), asked="OHLC"), pair=PAIR))
    return [Candle.model_validate(one) for one in json.loads(listed)]


@pytest.fixture
def recorded(layout: LakeLayout) -> LakeLayout:
    """A lake of the recorded trades."""
    body = json.loads(DEFAULT_RECORDING.read_text(), parse_float=Decimal)
    by_hour = defaultdict(list)
    for price, volume, seconds, *_, trade_id in body["result"]["XBTUSDT"]:
        at = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(seconds * 1_000_000))
        hour = at.replace(minute=0, second=0, microsecond=0)
        by_hour[hour].append((trade_id, at, Decimal(price), Decimal(volume)))
    for hour, trades in by_hour.items():
        land(
            layout,
            table(trades),
            folder=f"{hour:year=%Y/month=%-m/day=%-d/hour=%-H}/symbol=BTC_USDT",
        )
    return layout


def audit(
    layout: LakeLayout, listed: Iterable[Candle], *holes: Run, symbol: str = "BTC_USDT"
) -> tuple[CandleProof, list[Problem]]:
    """What is found for the one pair."""
    (proof,), problems = check_candles(
        layout, list(read_snapshot(layout).files.values()), listed, {symbol: holes}
    )
    return proof, problems


def test_recorded_trades_make_recorded_candles(recorded: LakeLayout) -> None:
    """Every whole minute between the first candle and the last is Kraken's own, digit by digit.

    The recording lacks candles between 18:26 and 23:46, so there are two separate stretches.
    """
    listed = candles()
    early = [one for one in listed if one.start.hour in (17, 18)]
    late = [one for one in listed if one.start.hour in (23, 0)]
    for stretch, first, last in ((early, "17:24", "18:25"), (late, "23:47", "00:12")):
        proof, problems = audit(recorded, stretch)
        assert problems == []
        assert proof.first is not None
        assert proof.last is not None
        assert (f"{proof.first:%H:%M}", f"{proof.last:%H:%M}") == (first, last)
        assert proof.minutes == (proof.last - proof.first) // MINUTE + 1


@pytest.mark.parametrize("field", ["count", "volume", "open", "high", "low", "close"])
def test_each_field_that_differs_is_named(recorded: LakeLayout, field: str) -> None:
    """With symbol and minute, and what either side says of it."""
    listed = [one for one in candles() if one.start.hour in (17, 18)]
    at = datetime(2025, 11, 10, 17, 58, tzinfo=UTC)
    (index,) = (number for number, one in enumerate(listed) if one.start == at)
    ours = getattr(listed[index], field)
    theirs = ours + (1 if field == "count" else Decimal("0.0000000001"))
    listed[index] = listed[index].model_copy(update={field: theirs})
    _, (problem,) = audit(recorded, listed)
    assert (problem.kind, problem.where) == (
        ProblemKind.OTHER_CANDLE,
        "BTC/USDT 2025-11-10T17:58Z",
    )
    assert problem.advice.startswith(f"{field} is {theirs} at KRAKEN and {ours} here. ")


def test_minutes_that_the_lake_does_not_hold_are_no_fault(layout: LakeLayout) -> None:
    """Neither before it, nor after it, nor the two at its ends, nor around a gap."""
    land(layout, one_a_minute([*range(11, 21), *range(31, 41)]), folder=HOUR)
    proof, problems = audit(layout, minute_candles(60), symbol="BTC_USD")
    assert (problems, proof.minutes) == ([], 8 + 8)
    assert (proof.first, proof.last) == (AT + 11 * MINUTE, AT + 38 * MINUTE)


def test_a_pair_is_held_from_its_very_first_trade(layout: LakeLayout) -> None:
    """No trade comes before id 1, so that nothing can lack."""
    land(layout, one_a_minute(range(1, 11)), folder=HOUR)
    proof, problems = audit(layout, minute_candles(20), symbol="BTC_USD")
    assert (problems, proof.minutes, proof.first) == ([], 9, AT)


def test_a_confirmed_hole_parts_nothing(layout: LakeLayout) -> None:
    """The minutes around it are whole, and its own had no trade; a hole at the end proves nothing.

    Behind such a hole the next trade of that minute may be yet to land.
    """
    land(layout, one_a_minute([*range(11, 21), *range(24, 31)]), folder=HOUR)
    listed = minute_candles(60, quiet=range(20, 23))
    proof, problems = audit(layout, listed, (21, 23), (31, 33), symbol="BTC_USD")
    assert (problems, proof.minutes) == ([], 18)
    proof, problems = audit(layout, listed, symbol="BTC_USD")
    assert (problems, proof.minutes) == ([], 8 + 5)


def test_quiet_minutes_are_compared_too(layout: LakeLayout) -> None:
    """A trade in a minute in which the lake has none, although it has those around it."""
    trades = one_a_minute([1, 2, 3]).to_pylist() + [
        {**row, "trade_id": row["trade_id"] - 6} for row in one_a_minute([10, 11, 12]).to_pylist()
    ]
    land(layout, table(tuple(row.values()) for row in trades), folder=HOUR)
    listed = minute_candles(12, quiet=range(3, 9))
    assert audit(layout, listed, symbol="BTC_USD")[1] == []
    listed[5] = minute_candles(6)[5]
    _, (problem,) = audit(layout, listed, symbol="BTC_USD")
    assert problem.where == "BTC/USD 2026-01-30T18:05Z"
    assert problem.advice.startswith("count is 1 at KRAKEN and 0 here, volume is 1.5 at KRAKEN")


def test_trades_of_a_minute_that_the_exchange_does_not_know_are_named(layout: LakeLayout) -> None:
    """Whether it tells of an empty minute or of none."""
    land(layout, one_a_minute(range(1, 11)), folder=HOUR)
    quiet = minute_candles(10, quiet=[4])
    for listed in (quiet, [*quiet[:4], *quiet[5:]]):
        _, (problem,) = audit(layout, listed, symbol="BTC_USD")
        assert problem.where == "BTC/USD 2026-01-30T18:04Z"
        assert problem.advice.startswith("count is 0 at KRAKEN and 1 here")


def test_a_trade_of_another_hour_counts_as_a_neighbour(layout: LakeLayout) -> None:
    """Only the hours that candles tell of are read; what lies beyond is checked by the ids."""
    earlier = HOUR.replace("hour=18", "hour=16")
    land(layout, one_a_minute([1], AT - 2 * 60 * MINUTE), folder=earlier)
    rows = one_a_minute(range(31, 41))
    shifted = rows.set_column(0, "trade_id", pa.array(range(2, 12), pa.int64()))
    land(layout, shifted, folder=HOUR)
    proof, problems = audit(layout, minute_candles(60, quiet=range(30)), symbol="BTC_USD")
    assert (problems, proof.first, proof.minutes) == ([], AT, 39)


def test_the_pair_of_another_symbol_is_not_compared(layout: LakeLayout) -> None:
    """A lake may hold pairs that were not requested."""
    land(layout, one_a_minute(range(1, 11)), folder=HOUR)
    listed = [one.model_copy(update={"symbol": "ETH/USD"}) for one in minute_candles(10)]
    files = list(read_snapshot(layout).files.values())
    assert check_candles(layout, files, listed, {}) == ((), [])


def test_candles_of_hours_without_a_file_prove_nothing(layout: LakeLayout) -> None:
    """There is no minute to compare, and none is said to be right."""
    land(layout, one_a_minute(range(1, 11)), folder=HOUR)
    proof, problems = audit(layout, minute_candles(10, AT + 1440 * MINUTE), symbol="BTC_USD")
    assert (problems, proof) == ([], CandleProof("BTC/USD", 0, None, None))


def test_files_of_several_versions_are_read_together(layout: LakeLayout) -> None:
    """A column that came later makes no difference."""
    old, new = one_a_minute(range(1, 6)), one_a_minute(range(6, 11))
    land(layout, new.append_column("feed", pa.array(["REST"] * 5)), old, folder=HOUR)
    proof, problems = audit(layout, minute_candles(10), symbol="BTC_USD")
    assert (problems, proof.minutes) == ([], 9)


def test_minutes_whose_files_are_read_by_several_queries_are_whole(
    recorded: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Count, volume and all prices are those of the whole minute, in any order of its files."""
    hour = "year=2025/month=11/day=10/hour=17/symbol=BTC_USDT"
    (path,) = (recorded.trades / hour).iterdir()
    rows = pq.read_table(path, partitioning=None)
    other = LakeLayout(recorded.base / "split", "KRAKEN")
    pieces = [rows.take(pa.array(range(start, len(rows), 7))) for start in (3, 0, 6, 1, 5, 2, 4)]
    land(other, *pieces, folder=hour)
    told = [one for one in candles() if one.start.hour == 17]
    monkeypatch.setattr("lake.read.duckdb_batches._FILES_A_QUERY", 2)
    proof, problems = audit(other, told)
    assert (problems, proof.minutes) == ([], 34)


def test_a_file_left_out_is_not_held(layout: LakeLayout) -> None:
    """Another check names the unreadable file; its minutes are not reported as mismatches, too."""
    land(layout, one_a_minute(range(1, 6)), one_a_minute(range(6, 11)), folder=HOUR)
    readable = list(read_snapshot(layout).files.values())[:1]
    (proof,), problems = check_candles(layout, readable, minute_candles(10), {})
    assert (problems, proof.minutes) == ([], 4)


def test_a_row_that_was_changed_is_found(layout: LakeLayout) -> None:
    """Ids, counts and sums of ids would not tell."""
    land(layout, one_a_minute(range(1, 11)), folder=HOUR)
    (file,) = read_snapshot(layout).files.values()
    rows = pq.read_table(layout.base / file.path, partitioning=None).to_pylist()
    rows[3]["price"] += Decimal("0.0000000001")
    pq.write_table(table(tuple(row.values()) for row in rows), layout.base / file.path)
    _, (problem,) = audit(layout, minute_candles(10), symbol="BTC_USD")
    listed = ", ".join(
        f"{field} is 1.5 at KRAKEN and 1.5000000001 here"
        for field in ("open", "high", "low", "close")
    )
    assert problem.advice.startswith(listed)
    assert replace(problem, advice="").where == "BTC/USD 2026-01-30T18:03Z"


def test_prices_that_cannot_be_read_end_nothing(layout: LakeLayout) -> None:
    """The file is named as changed; its minutes are left out, and the ids in it still count."""
    land(layout, one_a_minute(range(1, 6)), one_a_minute(range(6, 11)), folder=HOUR)
    path = layout.base / list(read_snapshot(layout).files)[1]
    place = pq.ParquetFile(path).metadata.row_group(0).column(2)
    with path.open("r+b") as file:
        file.seek(place.dictionary_page_offset or place.data_page_offset)
        file.write(bytes(place.total_compressed_size))
    found = verify(layout, References(candles=lambda _: CandleAnswers(minute_candles(10))))
    assert [problem.kind for problem in found.problems] == [ProblemKind.CHANGED]
    assert (found.candles[0].minutes, found.symbols[0].trades) == (4, 10)
