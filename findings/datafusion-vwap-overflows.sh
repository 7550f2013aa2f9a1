#!/bin/sh
# DataFusion 55.0.0: a volume-weighted price over DECIMAL(28,10) overflows at small sums. The product
# has scale 20, and the division widens the numerator by the scale of the result once more, so that
# 38 digits are gone at a turnover of some tens of thousands.
#
# Expected: sum(price * volume) / sum(volume) of two trades worth 79,075 together is a number.
# Seen: 'Arithmetic overflow'. Each of the two sums alone is right; cast to DOUBLE, the quotient is too.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check datafusion==55.0.0 pyarrow==26.0.1
cd "$work"
"$work/venv/bin/python" - <<'PYTHON'
from decimal import Decimal

import datafusion
import pyarrow as pa

KIND = pa.decimal128(28, 10)
context = datafusion.SessionContext()
context.from_arrow(
    pa.table(
        {
            "price": pa.array([Decimal("105433.6"), Decimal("105433.7")], KIND),
            "volume": pa.array([Decimal("0.5"), Decimal("0.25")], KIND),
        }
    ),
    name="trades",
)


def ask(expression):
    return context.sql(f"SELECT {expression} AS x FROM trades").to_pydict()["x"][0]


print("turnover:", ask("sum(price * volume)"), "volume:", ask("sum(volume)"))
assert ask("sum(price * volume)") == Decimal("79075.225")
assert ask("sum(volume)") == Decimal("0.75")
print("as doubles:", ask("CAST(sum(price * volume) AS DOUBLE) / CAST(sum(volume) AS DOUBLE)"))
try:
    print("vwap:", ask("sum(price * volume) / sum(volume)"))
except Exception as error:
    print("vwap:", error)
    assert "overflow" in str(error).lower()
else:
    raise SystemExit("the quotient is computed now")
PYTHON
