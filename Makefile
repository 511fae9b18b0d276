# The one place for commands. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
# Where Python may keep no bytecode, each of some 300 processes would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE
# What another project put there would be imported before ours.
unexport PYTHONPATH
unexport PYTHONHOME

VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed
UV_VERSION := 0.13.9
# The compiled packages are built by a script of their own: they need cargo, and may be missing.
COMPILED := libs/xlsx-tokenizer/% libs/copy-encoder/%
PACKAGES := $(filter-out $(COMPILED),$(wildcard libs/*/pyproject.toml services/*/pyproject.toml))
STACK_NAME ?= demo
ROWS ?= 200000
SECONDS ?= 300
# More than there are cores, file by file: each brings its own servers, and most tests wait more than
# they work (two took 38 % of two cores in the tests of the writer).
JOBS ?= 3
# What takes longest is told at the end, for whoever looks for time to save.
PYTEST := $(PY) -m pytest --durations=25 --durations-min=5 -n $(JOBS) --dist loadfile --no-loadscope-reorder

beside_stacks = if test -x $(VENV)/bin/sluice; then $(1); elif test -e "$${SLUICE_STACKS:-.sluice}"; then \
  echo "a stack may run here, and $(VENV) is gone: run \`make setup\`, then this again" >&2; exit 1; \
  else echo "nothing was started here: \`make demo\` does that"; fi

.PHONY: help setup compiled demo up down status test test-unit test-e2e test-faults check format bench bench-own \
  bench-costs bench-page bench-peers bench-stages bench-scale bench-sse flame corpus fuzz audit pins \
  check-deploy screenshots clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) compiled ## Install what everything needs: Python packages, and on Debian the servers
	@$(PY) -m devstack install

compiled: $(STAMP) ## Build the compiled reader and encoder where cargo is; without them Python does their work
	@scripts/build_compiled.sh $(PY)

$(STAMP): requirements.txt $(PACKAGES) scripts/find_python.sh
	@python=$$(scripts/find_python.sh) && { test -x $(PY) || $$python -m venv $(VENV); }
	@$(PY) -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(VENV)/bin/uv pip install --quiet --python $(PY) --require-hashes -r requirements.txt
	@$(VENV)/bin/uv pip install --quiet --python $(PY) --no-deps --no-build-isolation $(foreach p,$(PACKAGES),-e ./$(dir $(p)))
	@touch $@

demo: setup ## Start everything, import a generated workbook, leave the page open
	@$(PY) scripts/demo.py --name $(STACK_NAME) --rows $(ROWS)

up: setup ## Start the stack and leave it running
	@$(VENV)/bin/sluice up --name $(STACK_NAME)

# Where nothing was set up there is nothing to stop, and nothing worth setting up for that.
down: ## Stop the stack
	@$(call beside_stacks,$(VENV)/bin/sluice down --name $(STACK_NAME))

status: ## Show what runs, and where
	@$(call beside_stacks,$(VENV)/bin/sluice status --name $(STACK_NAME))

test: setup ## Run every test on real Kafka, PostgreSQL and Redis, but the long fault runs (JOBS=)
	@$(PYTEST)

test-unit: $(STAMP) compiled ## Run the tests that need no server
	@$(PYTEST) -m "not slow and not postgres and not broker and not redis and not s3 and not stack and not docker"

test-e2e: setup ## Run the tests that go the whole way
	@$(PY) -m pytest tests/e2e

test-faults: setup ## Imports with faults in the middle (SEED=, RUNS=, FAULT= part of a name; LONG=1)
ifdef LONG
	@$(PY) -m pytest tests/faults -m long_faults -s
else
	@$(PY) -m tests.faults.random_runs
endif

check: $(STAMP) compiled ## Format check, lint, types, unit and rule tests
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy $(wildcard libs/*/src services/*/src libs/*/fuzz) tests scripts conftest.py
	@$(VENV)/bin/mypy --no-error-summary examples/consumer-python/*.py
	@for tests in $(wildcard libs/*/tests services/*/tests); do \
	  $(VENV)/bin/mypy --no-error-summary $$tests || exit 1; done
	@$(MAKE) --no-print-directory test-unit

format: $(STAMP) ## Format the code and mend what can be mended
	@$(VENV)/bin/ruff format .
	@$(VENV)/bin/ruff check --fix .

bench: setup ## Import a generated workbook and print the figures (ROWS=, FILE=, TARGET=, STRINGS=)
	@$(PY) -m tests.benchmarks.whole_road

bench-own: setup ## Mend 3 % bad rows and upload again, upsert, undo with a kill; print what it took (ROWS=)
	@$(PY) -m tests.benchmarks.own_tables

bench-costs: setup ## Measure what a million rows cost; renew the tables made of it
	@$(PY) -m tests.benchmarks.costs

bench-page: setup ## Watch a run of a million rows in a browser; print its heap and script per frame (ROWS=)
	@ROWS=$(if $(filter file,$(origin ROWS)),1000000,$(ROWS)) $(PY) -m tests.benchmarks.run_page

bench-peers: setup ## Load one workbook by Sluice and by what people use instead; table and plot (PEERS=, STRINGS=, ROWS=)
	@ROWS=$(if $(filter file,$(origin ROWS)),1000000,$(ROWS)) $(PY) -m tests.benchmarks.peers

bench-stages: setup ## Measure each stage alone, in CPU s per million rows (ROWS=, STRINGS=, STAGES=, RUNS=)
	@ROWS=$(if $(filter file,$(origin ROWS)),1000000,$(ROWS)) $(PY) -m tests.benchmarks.stages

bench-scale: setup ## Measure how all of it grows with rows, imports and workers (PARTS=, RUNS=, SHARE=)
	@$(PY) -m tests.benchmarks.scale

bench-sse: setup ## Watch running imports with many clients: delay, cost, order (CLIENTS=, JOBS=, ROWS=)
	@ROWS=$(if $(filter file,$(origin ROWS)),250000,$(ROWS)) $(PY) -m tests.benchmarks.sse

flame: setup ## Draw what a service does during an import (SERVICE=parser|writer|upload-api|progress-…, ROWS=)
	@ROWS=$(if $(filter file,$(origin ROWS)),1000000,$(ROWS)) $(PY) -m tests.benchmarks.flames

fuzz: setup ## Fuzz the workbook reader for a while (SECONDS=) and print what came of it
	@$(PY) libs/xlsx-reader/fuzz/run_fuzz.py --seconds $(SECONDS)

corpus: setup ## Print what each file of the corpus takes: verdict, ms, MB of growth
	@$(PY) -m tests.corpus.table

audit: setup ## Ask whether a pinned package has a known hole
	@$(VENV)/bin/uv tool run --quiet pip-audit --strict --require-hashes --disable-pip -r requirements.txt

pins: $(STAMP) ## Pin every package anew, and of these what each image installs
	@$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --upgrade requirements.in -o requirements.txt
	@$(PY) scripts/service_pins.py

check-deploy: setup ## Build what deploys Sluice as far as this machine can: cluster, images
	@$(PY) -m scripts.check_deploy

screenshots: setup ## Make the README's pictures from a running import
	@$(PY) -m scripts.screenshots

clean: ## Stop every stack of this folder and delete its data and the cache
	@export SLUICE_STACKS="$(CURDIR)/.sluice"; for stack in .sluice/*/; do test ! -d "$$stack" || \
	  { $(call beside_stacks,$(VENV)/bin/sluice down --delete --name "$$(basename "$$stack")"); } || exit 1; done
	@rm -rf .sluice .cache
