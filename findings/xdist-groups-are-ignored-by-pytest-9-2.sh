#!/bin/sh
# pytest-xdist 3.8.0 with pytest 9.2.0: `--dist loadgroup` ignores every xdist_group mark.
#
# Expected: tests with one xdist_group run in one worker, so that they share a broker or a Spark session.
# Seen: each test is handed out alone, without a warning. xdist writes the group into the item's `_nodeid`,
# which pytest 9.2 no longer reads: it computes the node id from another attribute. `--dist loadfile` works.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pytest==9.2.0 pytest-xdist==3.8.0
cd "$work"
cat > test_group.py <<'PYTHON'
import time

import pytest


@pytest.mark.xdist_group("one-broker")
@pytest.mark.parametrize("number", range(8))
def test_in_one_worker(number):
    time.sleep(0.2)
PYTHON
workers() {
    "$work/venv/bin/python" -m pytest -p no:cacheprovider -v -n 2 --dist "$1" test_group.py |
        grep PASSED | grep -o 'gw[0-9]*' | sort -u | wc -l
}
grouped=$(workers loadgroup) by_file=$(workers loadfile)
echo "workers that ran the one group: $grouped with loadgroup, $by_file with loadfile"
[ "$grouped" -eq 2 ] && [ "$by_file" -eq 1 ]
