#!/bin/sh
# chDB 4.4.0 (ClickHouse 26.9): dividing Decimal(38, 20) by Decimal(38, 10) widens the numerator by ten
# digits within 128 bits and checks nothing, so that a volume-weighted price is silently wrong once the
# turnover passes some 170 million.
#
# Expected: 2,000 trades of 1.0 at 105433.6 have the volume-weighted price 105433.6, or an error.
# Seen: a negative price. The turnover alone is right, and so is the quotient of doubles, but for its
# last digits. decimal_check_overflow, on as it comes, does not notice.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check chdb==4.4.0 pyarrow==26.0.1
cd "$work"
"$work/venv/bin/python" - <<'PYTHON'
from decimal import Decimal

import chdb
import pyarrow as pa
import pyarrow.parquet as pq

KIND = pa.decimal128(28, 10)
TRADES = 2_000
pq.write_table(
    pa.table(
        {
            "price": pa.array([Decimal("105433.6")] * TRADES, KIND),
            "volume": pa.array([Decimal("1.0")] * TRADES, KIND),
        }
    ),
    "trades.parquet",
)


def ask(expression):
    answer = chdb.query(f"SELECT {expression} FROM file('trades.parquet')", "CSV")
    return str(answer).strip().strip("\"")


print("checked:", ask("any(getSetting('decimal_check_overflow'))"))
print("turnover:", ask("sum(price * volume)"))
vwap = ask("sum(price * volume) / sum(volume)")
print("vwap:", vwap)
doubles = ask("sum(toFloat64(price) * toFloat64(volume)) / sum(toFloat64(volume))")
print("vwap of doubles:", doubles)
assert ask("sum(price * volume)") == "210867200"
assert Decimal(vwap) < 0
assert abs(float(doubles) - 105433.6) < 0.001
PYTHON
