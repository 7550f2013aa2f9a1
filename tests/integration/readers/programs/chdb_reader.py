"""chDB: ClickHouse in a process."""

import json
import os
from importlib.metadata import version

import chdb
import sql
from asking import answer

VWAP = """
    SELECT symbol, toFloat64(sum(price * volume)) / toFloat64(sum(volume))
    FROM trades GROUP BY symbol
"""
VWAP_OF_DECIMALS = "SELECT symbol, sum(price * volume) / sum(volume) FROM trades GROUP BY symbol"
EQUALS_ITS_LITERAL = "SELECT toDecimal128('6206818.81056775', 10) = 6206818.81056775"
TIME = """
    SELECT symbol, trade_id FROM trades
    WHERE executed_at >= toDateTime64('2026-01-30 17:59:59.999999', 6, 'UTC')
        AND executed_at < toDateTime64('2026-01-30 18:00:02.000006', 6, 'UTC')
    ORDER BY symbol, trade_id
"""


def files(lake):
    return f"file('{lake}/KRAKEN/**/*.parquet')", "union"


def files_by_one(lake):
    return f"file('{lake}/KRAKEN/**/*.parquet')", "default"


def delta(lake):
    # ClickHouse reads tables in its own folder only: in chDB that is where the process runs.
    os.chdir(lake)
    return f"deltaLakeLocal('{lake}')", "default"


def iceberg(lake):
    os.chdir(lake)
    return f"icebergLocal('{lake}/_iceberg/KRAKEN')", "default"


def ask(source, query):
    of, columns = source
    text = query.replace("FROM trades", f"FROM {of}")
    options = f"SETTINGS output_format_json_quote_decimals = 1, schema_inference_mode = '{columns}'"
    found = str(chdb.query(f"{text} {options}", "JSONCompactEachRow"))
    return [tuple(json.loads(line)) for line in found.splitlines()]


answer(
    {"chdb": version("chdb"), "clickhouse": chdb.engine_version},
    {"files": files, "delta": delta, "iceberg": iceberg},
    {
        **sql.questions(ask, vwap=VWAP, price="toDecimal128('72944.4', 10)", time=TIME),
        "vwap of decimals": lambda source: dict(ask(source, VWAP_OF_DECIMALS)),
        "a price equals its literal": lambda source: sql.firsts(ask(source, EQUALS_ITS_LITERAL)),
    },
    {
        "files by the columns of one": (files_by_one, ("feed",)),
    },
)
