# Each target runs one command, most of them in Python. `make` without a target lists them.
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev setup-bench demo run embedded replay register-schemas check-schemas up down spark-submit \
        test test-unit test-contract test-integration test-e2e chaos fuzz bench lint format lock clean

PY := .venv/bin/python
ROUNDS ?= 20
MINUTES ?= 20
RECORDS ?= 30000
# Tests on real services spend most of their time waiting. Each worker has a stack of its own.
WORKERS ?= 2
IN_PARALLEL = -n $(WORKERS) --no-loadscope-reorder --durations 20

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install the environment, locked packages and jars for running
	@infra/setup.sh runtime
setup-dev: ## The same, and what tests and lint need
	@infra/setup.sh dev
setup-bench: ## The same, and what the bench and its rivals need
	@infra/setup.sh bench

demo: setup ## Bring Kraken trades into a Parquet lake, end to end (KRAKEN=live, STORE=s3)
	@$(PY) -m infra.local demo --kraken $(or $(KRAKEN),replay) --store $(or $(STORE),disk)
run: setup ## Run the pipeline until Ctrl-C (KRAKEN=replay for synthetic trades)
	@$(PY) -m infra.local run --kraken $(or $(KRAKEN),live)
embedded: setup ## Run Kafka and a schema registry without Docker, until Ctrl-C
	@$(PY) -m infra.embedded
replay: setup ## Run a stand-in for api.kraken.com with recorded trades, until Ctrl-C
	@$(PY) -m infra.fake_kraken

register-schemas: setup ## Register the schemas of schemas/ at SCHEMA_REGISTRY_URL
	@$(PY) -m schemas register
check-schemas: setup ## Show what registering would change, and what is refused and why
	@$(PY) -m schemas check

up: ## Start the platform in Docker: Kafka, registry, producer, Spark cluster, Airflow
	@docker compose up --detach --build --wait
down: ## Stop it; its volumes and data/ stay (docker compose down -v drops the volumes)
	@docker compose down
spark-submit: ## Run the stream on the Spark cluster by hand, in place of the DAG's, until Ctrl-C
	@docker compose run --rm spark-submit

test: setup-dev ## Run all tests: unit, contract, integration, chaos and, with Docker, end to end
	@$(PY) -m pytest $(IN_PARALLEL)
test-unit: setup-dev ## Run the unit tests: no services, seconds
	@$(PY) -m pytest $(IN_PARALLEL) tests/unit
test-contract: setup-dev ## Run the contract tests: no services, seconds
	@$(PY) -m pytest tests/contract
test-integration: setup-dev ## Run the tests on a real broker, registry and Spark
	@$(PY) -m pytest $(IN_PARALLEL) tests/integration

chaos: setup-dev ## Kill every part again and again, with faults at Kraken: ROUNDS=200 MINUTES=20
	@CHAOS_ROUNDS=$(ROUNDS) CHAOS_MINUTES=$(MINUTES) $(PY) -m pytest tests/chaos

fuzz: setup-dev ## Send records of any content through the stream: make fuzz RECORDS=1000000
	@FUZZ_RECORDS=$(RECORDS) $(PY) -m pytest -s tests/integration/spark_consumer/decode/test_fuzz.py

test-e2e: setup-dev ## Test the platform in Docker, with each part killed, and its DAGs
	@$(PY) -m pytest tests/dags tests/e2e

bench: setup-bench ## Measure everything beside its rivals: over an hour, or make bench QUICK=1
	@$(PY) -m benchmarks $(if $(QUICK),--quick)

lint: setup-dev ## Run ruff, mypy and the import contracts
	@.venv/bin/ruff check && .venv/bin/ruff format --check && .venv/bin/mypy && .venv/bin/lint-imports
format: setup-dev ## Format the code and apply ruff's fixes
	@.venv/bin/ruff check --fix-only --quiet && .venv/bin/ruff format
lock: setup-dev ## Resolve requirements/*.txt again
	@infra/lock.sh
clean: ## Remove the environment, the jars and all local state, but not data/
	@rm -rf .venv .venv-quixstreams .venv-readers .jars .state .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
