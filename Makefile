# Every target is one line; what it does is in Python. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev setup-bench demo run embedded replay register-schemas check-schemas up down spark-submit \
        test test-unit test-contract test-integration test-e2e chaos fuzz bench lint format lock clean

PY := .venv/bin/python
ROUNDS ?= 20
MINUTES ?= 20
RECORDS ?= 30000
# Most tests on real services wait more than they work. A worker has a stack of its own.
WORKERS ?= 2
IN_PARALLEL = -n $(WORKERS) --no-loadscope-reorder --durations 20

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Environment, locked packages and jars for running
	@infra/setup.sh runtime
setup-dev: ## The same, with what tests and lint need
	@infra/setup.sh dev
setup-bench: ## The same, with what the bench needs, the rivals among it
	@infra/setup.sh bench

demo: setup ## Kraken trades into a Parquet lake, end to end (KRAKEN=live for api.kraken.com)
	@$(PY) -m infra.local demo --kraken $(or $(KRAKEN),replay)
run: setup ## Keep the pipeline going until Ctrl-C (KRAKEN=replay for synthetic trades)
	@$(PY) -m infra.local run --kraken $(or $(KRAKEN),live)
embedded: setup ## Kafka and a schema registry without Docker, until Ctrl-C
	@$(PY) -m infra.embedded
replay: setup ## A stand-in for api.kraken.com, from recorded trades, until Ctrl-C
	@$(PY) -m infra.fake_kraken

register-schemas: setup ## Register what schemas/ declares with SCHEMA_REGISTRY_URL
	@$(PY) -m schemas register
check-schemas: setup ## Say what registering would do, and what is refused and why
	@$(PY) -m schemas check

up: ## The whole platform in Docker: Kafka, registry, producer, Spark cluster, Airflow
	@docker compose up --detach --build --wait
down: ## End it; its volumes and data/ stay (docker compose down -v drops the volumes)
	@docker compose down
spark-submit: ## The stream on the Spark cluster by hand, until Ctrl-C (pause the DAG first)
	@docker compose run --rm spark-submit

test: setup-dev ## All tests: unit, contract, integration, chaos and, where Docker is, end to end
	@$(PY) -m pytest $(IN_PARALLEL)
test-unit: setup-dev ## Unit tests: no services, seconds
	@$(PY) -m pytest $(IN_PARALLEL) tests/unit
test-contract: setup-dev ## The contract suite: no services, seconds
	@$(PY) -m pytest tests/contract
test-integration: setup-dev ## Tests on a real broker, registry and Spark
	@$(PY) -m pytest $(IN_PARALLEL) tests/integration

chaos: setup-dev ## Kill everything, over and over, and let Kraken misbehave: ROUNDS=200 MINUTES=20
	@CHAOS_ROUNDS=$(ROUNDS) CHAOS_MINUTES=$(MINUTES) $(PY) -m pytest tests/chaos

fuzz: setup-dev ## Records of any content through the stream: make fuzz RECORDS=1000000
	@FUZZ_RECORDS=$(RECORDS) $(PY) -m pytest -s tests/integration/spark_consumer/test_fuzz.py

test-e2e: setup-dev ## The platform in Docker, killed part by part, and its DAGs
	@$(PY) -m pytest tests/dags tests/e2e

bench: setup-bench ## Measure everything beside its rivals: a good hour, or make bench QUICK=1
	@$(PY) -m benchmarks $(if $(QUICK),--quick)

lint: setup-dev ## Ruff, mypy and the import contracts
	@.venv/bin/ruff check && .venv/bin/ruff format --check && .venv/bin/mypy && .venv/bin/lint-imports
format: setup-dev ## Format the code and mend what can be mended
	@.venv/bin/ruff check --fix-only --quiet && .venv/bin/ruff format
lock: setup-dev ## Resolve requirements/*.txt anew
	@infra/lock.sh
clean: ## Remove the environment, the jars and all local state, but not data/
	@rm -rf .venv .venv-quixstreams .jars .state .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
