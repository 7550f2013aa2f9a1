#!/bin/sh
# Polars 2.1.0: the same product of two decimals has another scale as an expression than as SQL.
#
# Expected: price * volume of two DECIMAL(28,10) is one type in one library.
# Seen: the expression keeps scale 10 and rounds a small turnover to zero, Polars' own SQL gives scale 20
# and every digit.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check polars==2.1.0
cd "$work"
"$work/venv/bin/python" - <<'PYTHON'
from decimal import Decimal

import polars as pl

KIND = pl.Decimal(28, 10)
small = Decimal("0.0000012345")
frame = pl.DataFrame({"price": [small], "volume": [small]}, schema={"price": KIND, "volume": KIND})
expression = frame.select(x=pl.col("price") * pl.col("volume"))
sql = pl.SQLContext(t=frame).execute("SELECT price * volume AS x FROM t").collect()
print("expression:", expression.schema["x"], expression["x"][0])
print("SQL:", sql.schema["x"], sql["x"][0])
assert (expression.schema["x"].scale, expression["x"][0]) == (10, Decimal("0"))
assert (sql.schema["x"].scale, sql["x"][0]) == (20, small * small)
PYTHON
