# Every target does its own set-up in .venv. Give PYTHON=python3.12 to use another Python (3.11 to 3.13).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CONFIG ?= basewatch.toml
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help install demo test faults run check lint fix lock clean

help: ## Say what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

install: $(READY) ## Set up .venv from the hashed lock

$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) is not there; install python3 or give PYTHON=…"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
		|| { echo "make: $(PYTHON) must be Python 3.11, 3.12 or 3.13; give PYTHON=python3.12 or another"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null \
		|| { echo "make: $(PYTHON) cannot make a virtual environment; install python3-venv"; exit 1; }
	@echo "Setting up $(VENV) (a minute or two, once)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: install ## Show the whole service at work on this machine, in half a minute
	@$(BIN)/basewatch demo

test: install ## Run the tests
	@$(BIN)/python -m pytest

faults: install ## Run every test that stands for a case of docs/faults.md, and count the cases (at most 20 minutes)
	@$(BIN)/python benchmarks/faults.py

run: install ## Run the daemon on the default feeds; alerts go to the console until a sink is configured
	@test -e $(CONFIG) || $(BIN)/basewatch init --config $(CONFIG)
	@exec $(BIN)/basewatch run --config $(CONFIG)

check: lint test ## Everything that a change must pass

lint: install ## Format, lint, types and layers, without the tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

fix: install ## Format, and correct what can be corrected without thinking
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: install ## Write requirements.lock anew from pyproject.toml
	@$(PYTHON) -m venv $(VENV)-lock && $(VENV)-lock/bin/pip install --quiet pip-tools
	@$(VENV)-lock/bin/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-emit-trusted-host --allow-unsafe --strip-extras --extra dev --no-header --output-file requirements.lock \
		pyproject.toml

clean: ## Remove what the other targets made, but no configuration and no database
	@rm -rf $(VENV) $(VENV)-lock .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info build
