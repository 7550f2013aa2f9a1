#!/bin/sh
# Make this checkout ready: a virtual environment, the locked packages, the Java archives.
# Where Spark starts often, in tests and the bench, also an archive of loaded classes for its Java.
# usage: infra/setup.sh runtime|bench|dev|readers
# Each step does only what is missing, and prints what it does and how long that took.
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
    [ ! -x "$1/bin/python" ] || return 0
    python=$(find_python)
    say "making the virtual environment $1 with $("$python" --version)"
    "$python" -m venv "$1" ||
        fail "cannot create $1; install what it needs with: apt-get install python3-venv"
}

# The packages of a lock are installed once a file beside them holds the lock's checksum.
stamp_of() { cat requirements/bootstrap.txt "requirements/$1.txt" pyproject.toml | cksum; }
is_installed() { [ "$(cat "$venv/installed-$1" 2>/dev/null)" = "$(stamp_of "$1")" ]; }

install_packages() {
    # Each lock holds all of the one before: runtime, bench, dev.
    ! is_installed dev || return 0
    [ "$wanted" = dev ] || ! is_installed bench || return 0
    [ "$wanted" != runtime ] || ! is_installed runtime || return 0
    say "installing the packages of requirements/$wanted.txt"
    started=$(date +%s)
    # Taken now: if a lock changes meanwhile, it is installed the next time.
    stamp=$(stamp_of "$wanted")
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
        -r requirements/bootstrap.txt
    uv="$venv/bin/uv pip install --quiet --python $venv/bin/python"
    $uv --require-hashes -r "requirements/$wanted.txt"
    $uv --no-deps --no-build-isolation --editable .
    echo "$stamp" >"$venv/installed-$wanted"
    say "packages installed in $(($(date +%s) - started)) s"
}

# A lock of its own in an environment of its own: .venv-NAME of requirements/NAME.txt.
install_apart() {
    lock=requirements/$1.txt apart=.venv-$1
    [ "$(cat "$apart/installed" 2>/dev/null)" != "$(cksum <"$lock")" ] || return 0
    make_environment "$apart"
    say "installing the packages of $lock"
    "$venv/bin/uv" pip install --quiet --python "$apart/bin/python" --require-hashes -r "$lock"
    cksum <"$lock" >"$apart/installed"
}

# What `make bench` compares the platform with. quixstreams needs an older confluent-kafka than the
# platform.
install_rivals() {
    "$venv/bin/python" -m infra.jars connect iceberg-sink iceberg-store avro-converter
    install_apart quixstreams
}

case $wanted in
    runtime | bench | dev) ;;
    readers)
        # Called by the tests of the lake's readers, inside an environment that is ready.
        "$venv/bin/python" -m infra.jars delta
        install_apart readers
        exit
        ;;
    *) fail "usage: infra/setup.sh runtime|bench|dev|readers" ;;
esac
make_environment "$venv"
"$venv/bin/python" infra/java.py
install_packages
"$venv/bin/python" -m infra.jars
[ "$wanted" = runtime ] || "$venv/bin/python" -m infra.class_archive
[ "$wanted" != bench ] || install_rivals
# Confluent's serializer for Java, which the contract tests compare ours with.
[ "$wanted" != dev ] || "$venv/bin/python" -m infra.jars java-serializer
# Before the tests, whose time is limited: building it takes minutes, once.
[ "$wanted" != dev ] || "$venv/bin/python" -m infra.object_store >/dev/null ||
    say "there is no object store: the tests that need one are skipped"
