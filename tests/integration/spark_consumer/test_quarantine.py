import json
import random
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

from schemas.avro.wire import HEADER_LENGTH, frame
from spark_consumer.decode.columns import LONGEST_VALUE
from spark_consumer.decode.reasons import Reason
from tests.contract.formats.parquet import QUARANTINE, TRADES, columns
from tests.integration.spark_consumer.conftest import Pipeline, Record, TradeMaker

MANY = 100_000


def test_each_fault_has_its_reason(pipeline: Pipeline, trades: TradeMaker, newest_id: int) -> None:
    """Good records around bad ones land; bad ones are kept as they were, with why."""
    _, good = trades.framed(newest_id, 1)
    assert good is not None
    payload = good[HEADER_LENGTH:]
    other_subject = f"{pipeline.kafka.topic}.other-value"
    of_no_other_test = {"type": "fixed", "name": f"Other{uuid4().hex}", "size": 4}
    trades.registry.register(other_subject, json.dumps(of_no_other_test))
    foreign_id = trades.registry.versions(other_subject)[0].schema_id
    bad: dict[bytes | None, tuple[Reason, str | None]] = {
        None: (Reason.EMPTY_VALUE, None),
        b"": (Reason.EMPTY_VALUE, None),
        b"hello": (Reason.NO_MAGIC_BYTE, None),
        b"\x01" + bytes(16) + payload: (Reason.UNKNOWN_SCHEMA_GUID, f"schema GUID {UUID(int=0)}"),
        b"\x00\x00\x00": (Reason.TOO_SHORT, None),
        frame(999_999, payload): (Reason.UNKNOWN_SCHEMA_ID, "schema id 999999"),
        frame(foreign_id, payload): (
            Reason.FOREIGN_SCHEMA_ID,
            f"schema id {foreign_id} of {other_subject}",
        ),
        good + bytes(LONGEST_VALUE + 1 - len(good)): (Reason.TOO_LONG, None),
        good[:-1]: (Reason.UNDECODABLE, None),
        frame(newest_id, b""): (Reason.UNDECODABLE, None),
        good + b"\x00": (Reason.BYTES_LEFT_OVER, None),
        good.replace(b"\x0eBTC/USD", b"\x0eBTC\xffUSD"): (Reason.NO_TEXT, None),
        trades.framed(newest_id, 6, symbol="BTC_USD")[1]: (
            Reason.RULE_BROKEN,
            "symbol_is_a_name",
        ),
        trades.framed(newest_id, 7, symbol="")[1]: (Reason.RULE_BROKEN, "symbol_is_a_name"),
        trades.framed(newest_id, 8, symbol="B" * 300)[1]: (
            Reason.RULE_BROKEN,
            "symbol_is_a_name",
        ),
        trades.framed(newest_id, -1)[1]: (Reason.RULE_BROKEN, "trade_id_above_zero"),
        trades.framed(newest_id, 2, price=Decimal(0))[1]: (Reason.RULE_BROKEN, "price_above_zero"),
        trades.framed(newest_id, 3, volume=Decimal(-1))[1]: (
            Reason.RULE_BROKEN,
            "volume_above_zero",
        ),
        trades.framed(newest_id, 4, executed_at=datetime(1970, 1, 21, tzinfo=UTC))[1]: (
            Reason.RULE_BROKEN,
            "executed_at_since_bitcoin",
        ),
        trades.framed(newest_id, 9, executed_at=datetime(9999, 12, 31, tzinfo=UTC))[1]: (
            Reason.RULE_BROKEN,
            "executed_at_before_2262",
        ),
        trades.framed(newest_id, 5, exchange="OTHER")[1]: (
            Reason.RULE_BROKEN,
            "exchange_of_this_lake",
        ),
    }
    pipeline.send([(b"BTC/USD", good), *((b"k", value) for value in bad), (b"BTC/USD", good)])
    pipeline.land()
    rows = pipeline.query("SELECT value, reason, detail, key, topic FROM quarantine")
    assert {row[0]: (row[1], row[2]) for row in rows} == {
        value: (reason.value, detail) for value, (reason, detail) in bad.items()
    }
    assert {row[3:] for row in rows} == {(b"k", pipeline.kafka.topic)}
    assert pipeline.query("SELECT trade_id FROM trades") == [(1,)]
    (commit,), layout = pipeline.commits(), pipeline.layout
    assert (commit.rows, commit.quarantined_rows, commit.duplicates_dropped) == (1, len(bad), 1)
    for folder, expected in ((layout.trades, TRADES), (layout.quarantine, QUARANTINE)):
        assert {tuple(columns(path)) for path in folder.rglob("*.parquet")} == {tuple(expected)}


def test_the_longest_value_lands(pipeline: Pipeline, trades: TradeMaker, newest_id: int) -> None:
    """One byte more would be too long."""
    # The length of so long a text takes three bytes.
    _, long = trades.framed(newest_id, 1, misc="x" * 10_000)
    assert long is not None
    key, value = trades.framed(newest_id, 1, misc="x" * (10_000 + LONGEST_VALUE - len(long)))
    assert value is not None
    assert len(value) == LONGEST_VALUE
    pipeline.send([(key, value)])
    pipeline.land()
    (commit,) = pipeline.commits()
    assert (commit.rows, commit.quarantined_rows) == (1, 0)


def test_nothing_fuzzed_is_lost_and_nothing_good_is_refused(
    pipeline: Pipeline, trades: TradeMaker, newest_id: int
) -> None:
    """Landed and quarantined add up to what was sent, and what is kept is byte for byte so."""
    chance = random.Random(7)
    good = [trades.framed(newest_id, i) for i in range(1, MANY + 1)]
    # Fuzzed records have another symbol, so that one that happens to decode can be distinguished.
    seeds = [trades.framed(newest_id, i, symbol="FUZZ/USD") for i in range(1, 201)]
    fuzzed = [(b"fuzz", damaged(chance, seeds)) for _ in range(MANY)]
    records: list[Record] = [*good, *fuzzed]
    chance.shuffle(records)
    for start in range(0, len(records), 50_000):
        pipeline.send(records[start : start + 50_000])
    pipeline.land()
    commits = pipeline.commits()
    accounted = sum(
        commit.rows + commit.quarantined_rows + commit.duplicates_dropped for commit in commits
    )
    assert accounted == 2 * MANY
    assert pipeline.query(
        "SELECT count(*), count(DISTINCT trade_id), sum(trade_id) FROM trades "
        "WHERE symbol = 'BTC_USD'"
    ) == [(MANY, MANY, MANY * (MANY + 1) // 2)]
    kept = Counter(value for (value,) in pipeline.query("SELECT value FROM quarantine"))
    assert not kept - Counter(value for _, value in fuzzed)
    assert kept.total() > MANY * 0.8
    reasons = {reason for (reason,) in pipeline.query("SELECT DISTINCT reason FROM quarantine")}
    assert reasons >= {
        Reason.NO_MAGIC_BYTE,
        Reason.TOO_SHORT,
        Reason.UNKNOWN_SCHEMA_ID,
        Reason.UNDECODABLE,
        Reason.BYTES_LEFT_OVER,
        Reason.RULE_BROKEN,
    }


def damaged(chance: random.Random, seeds: list[Record]) -> bytes:
    """A good value with a bit flipped, cut, lengthened, or under another header."""
    value = bytearray(chance.choice(seeds)[1] or b"")
    match chance.randrange(5):
        case 0:
            bit = chance.randrange(8 * len(value))
            value[bit // 8] ^= 1 << bit % 8
        case 1:
            del value[chance.randrange(len(value)) :]
        case 2:
            value += chance.randbytes(chance.randrange(1, 20))
        case 3:
            value[1:HEADER_LENGTH] = chance.choice([1, 2, 3, 77, 1 << 20]).to_bytes(4, "big")
        case _:
            value[: 2 * HEADER_LENGTH] = chance.randbytes(2 * HEADER_LENGTH)
    return bytes(value)
