#!/bin/sh
# Make this checkout ready: a virtual environment, the locked packages, the Java archives.
# usage: infra/setup.sh runtime|dev
# What is there already is left alone; each step that does something says what and how long.
set -eu
cd "$(dirname "$0")/.."
wanted=${1:-runtime}
venv=.venv

say() { echo "setup: $*"; }
fail() { echo "setup: $*" >&2; exit 1; }

find_python() {
    for name in ${PYTHON:-} python3.13 python3.12 python3.11 python3; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    fail "Python 3.11 or newer is needed; install it with: apt-get install python3 python3-venv"
}

make_environment() {
    [ ! -x "$venv/bin/python" ] || return 0
    python=$(find_python)
    say "making the virtual environment $venv with $("$python" --version)"
    "$python" -m venv "$venv" ||
        fail "no virtual environment; install what it needs with: apt-get install python3-venv"
}

# The packages of a lock are there once a stamp beside them holds the lock's checksum.
stamp_of() { cat requirements/bootstrap.txt "requirements/$1.txt" pyproject.toml | cksum; }
is_installed() { [ "$(cat "$venv/installed-$1" 2>/dev/null)" = "$(stamp_of "$1")" ]; }

install_packages() {
    ! is_installed dev || return 0
    [ "$wanted" = dev ] || ! is_installed runtime || return 0
    say "installing the packages of requirements/$wanted.txt"
    started=$(date +%s)
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
        -r requirements/bootstrap.txt
    uv="$venv/bin/uv pip install --quiet --python $venv/bin/python"
    $uv --require-hashes -r "requirements/$wanted.txt"
    $uv --no-deps --no-build-isolation --editable .
    stamp_of "$wanted" >"$venv/installed-$wanted"
    say "packages installed in $(($(date +%s) - started)) s"
}

case $wanted in runtime | dev) ;; *) fail "usage: infra/setup.sh runtime|dev" ;; esac
make_environment
"$venv/bin/python" infra/java.py
install_packages
"$venv/bin/python" -m infra.jars
