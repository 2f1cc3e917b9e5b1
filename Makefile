# Everything here works on a machine that has Python 3.11 or newer (with venv), make and a package index.
SHELL := /bin/sh
V := .venv/bin
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := 1
export UV_NO_CONFIG := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Compiled once, not at every start: a command starts in half the time, and the tests start hundreds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo setup setup-dev test check assure bench fuzz mutants journey lock clean chromium help audit sbom

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' Makefile | sed 's/:.*##/\t/' | sort

demo: .venv/.base ## set everything up and start the demo clinic
	@$(V)/strigil demo --data .demo

setup: .venv/.base ## set up, so that .venv/bin/strigil is ready

setup-dev: .venv/.dev ## set up with what the checks and tests need

.venv/.python:
	@test -n "$(PYTHON)" || { echo "Strigil needs Python 3.11 or newer with venv (Debian: apt install python3 python3-venv)."; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.uv: bootstrap.lock | .venv/.python
	$(V)/python -m pip install -q --require-hashes -r bootstrap.lock
	@touch $@

.venv/.base: requirements.lock pyproject.toml .venv/.uv
	$(V)/uv pip install -q --python $(V)/python --require-hashes -r requirements.lock
	$(V)/uv pip install -q --python $(V)/python --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.base
	$(V)/uv pip install -q --python $(V)/python --require-hashes -r requirements-dev.lock
	@touch $@

chromium:
	@sh tests/journeys/chromium.sh

test: .venv/.dev chromium ## set up and run every test, on SQLite and on PostgreSQL at once
	$(V)/python -m tests.both

assure: .venv/.dev chromium ## the long runs; what they count is kept for docs/reference/assurance.md
	$(V)/pytest --database sqlite -m assure -o faulthandler_timeout=0 --record
	$(V)/pytest --database postgresql -m assure -o faulthandler_timeout=0 --record

fuzz: .venv/.dev ## look for input that breaks the screen, for MINUTES (10); what it learns is kept in .fuzz
	$(V)/python -m tests.fuzz.screen --corpus .fuzz/corpus -seed=0 -max_total_time=$$(( $(or $(MINUTES),10) * 60 ))

mutants: .venv/.dev ## change the screening engine in every small place, and see that a test notices; half an hour
	$(V)/python -m benchmarks.mutants

journey: .venv/.dev chromium ## the journeys alone, in Chromium
	$(V)/pytest --database sqlite tests/journeys -s

.audit/.made: requirements-audit.lock .venv/.uv
	$(V)/python -m venv .audit
	$(V)/uv pip install -q --python .audit/bin/python --require-hashes -r requirements-audit.lock
	@touch $@

audit: .venv/.dev .audit/.made ## look for known faults, in packages and in code; fails on what it could not check
	$(V)/python -m scan

sbom: .venv/.dev .audit/.made ## write what Strigil is made of to dist/, as CycloneDX
	$(V)/python -m scan.sbom

check: .venv/.dev ## what must hold before anything lands: style, types, imports, knowledge, docs
	$(V)/ruff check .
	$(V)/ruff format --check .
	$(V)/mypy
	$(V)/lint-imports
	$(V)/strigil knowledge
	$(V)/python -m strigil.docs --check

bench: .venv/.dev ## measure; prints figures, asserts nothing (BENCH=--full: 50,000 patients too)
	$(V)/python -m benchmarks.screen
	$(V)/python -m benchmarks.pages $(BENCH)
	$(V)/python -m benchmarks.visit
	$(V)/python -m benchmarks.paper
	$(V)/python -m benchmarks.pool

lock: ## refresh the lock files from pyproject.toml
	uv lock
	uv export --frozen --no-dev --no-emit-project --no-header --no-annotate -q -o requirements.lock
	uv export --frozen --no-dev --extra postgres --no-emit-project --no-header --no-annotate -q -o requirements-postgres.lock
	uv export --frozen --all-extras --no-emit-project --no-header --no-annotate -q -o requirements-dev.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links -q requirements-audit.in -o requirements-audit.lock

clean: ## remove what setup and runs have made
	rm -rf .venv .audit .demo .demo.audit-key .fuzz .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
