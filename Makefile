.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help demo test check golden bench clean venv engine

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## / — /' | sort

demo: venv engine ## install what is missing, run examples/02-todo, show its answer
	@$(BIN)/python examples/demo.py

test: venv engine ## everything, on a real Docker Engine
	@$(MAKE) --no-print-directory check
	$(BIN)/pytest tests/contract tests/e2e --require-docker

check: venv ## format, lint, types, house, golden, unit: seconds, no engine
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 -q tests/test_house.py tests/golden tests/unit

golden: venv ## rewrite the golden files; `git diff` is the review
	QLOCAL_GOLDEN=write $(BIN)/pytest -q tests/golden tests/unit/manifest

bench: venv engine ## against docker compose, in the same run
	$(BIN)/python benchmarks/up.py
	$(BIN)/python benchmarks/services.py
	$(BIN)/python benchmarks/manifest.py

engine: venv
	@$(BIN)/qlocal doctor --fix --yes >$(VENV)/doctor.txt || { cat $(VENV)/doctor.txt; exit 4; }

venv: $(STAMP)

$(STAMP): pyproject.toml
	@PYTHON=$(PYTHON) VENV=$(VENV) sh scripts/venv.sh
	@touch $(STAMP)

clean: ## remove what make made here (no container, no data)
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache
