#!/bin/sh
# Resolve the lock files again. They hold names, versions and hashes, no addresses.
set -eu
cd "$(dirname "$0")/.."
compile() {
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --custom-compile-command "make lock" "$@"
}
printf 'uv\nhatchling\neditables\n' |
    compile --upgrade --no-annotate - --output-file requirements/bootstrap.txt
compile --upgrade --extra producer --extra spark --extra lake --extra console --extra infra \
    pyproject.toml --output-file requirements/runtime.txt
compile --upgrade --extra producer --extra spark --extra lake --extra console --extra infra --extra bench \
    --constraint requirements/runtime.txt pyproject.toml --output-file requirements/bench.txt
compile --upgrade --all-extras --constraint requirements/bench.txt pyproject.toml \
    --output-file requirements/dev.txt
# The images: the producer's has only what the producer needs; Airflow's is resolved on its own,
# without the platform's versions.
compile --upgrade --extra producer --constraint requirements/runtime.txt pyproject.toml \
    --output-file requirements/producer.txt
compile --upgrade requirements/airflow.in --output-file requirements/airflow.txt
# quixstreams, which `make bench` compares with, needs an older confluent-kafka than the platform.
compile --upgrade requirements/quixstreams.in --output-file requirements/quixstreams.txt
# Go, for machines that lack it: it builds the object store's server.
compile --upgrade --no-annotate requirements/go.in --output-file requirements/go.txt
# What the tests of docs/readers.md read the lake with.
compile --upgrade requirements/readers.in --output-file requirements/readers.txt
