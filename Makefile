# `make` alone lists what there is. Everything lives in .venv, which the lock files fill to the byte.

PY := .venv/bin/python
# Tests wait, too: one process more than there are processors.
WORKERS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))

# Tests write much and keep nothing: in memory where there is room for it, else where the machine puts such things.
# What Python compiles is kept, whatever the machine says: else every process writes out each assertion anew.
ROOMY := $(shell test -w /dev/shm && test $$(df -Pk /dev/shm | awk 'NR == 2 {print $$4}') -gt 4000000 && echo /dev/shm)
TESTS = PYTHONDONTWRITEBYTECODE= $(if $(ROOMY),TMPDIR=$(ROOMY) )$(PY) -m pytest -n $(WORKERS)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test check lint format bench trace lock assets browser scanner tracing clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /\1\t/' | expand -t 10

run: .venv/run.stamp static/vendor ## set up what is missing, fill the demonstration, serve it
	@exec $(PY) -m app run

test: lint browser scanner tracing ## everything: style, types, floors, then every test on both databases and in a browser
	$(TESTS) --database=both

check: lint ## the same without the browser, the faults and the walks, on SQLite alone: under two minutes
	$(TESTS) --database=sqlite --ignore=tests/browser --ignore=tests/faults -m "not walk"

lint: .venv/dev.stamp static/vendor ## style, types and floors
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	@.venv/bin/lint-imports --no-logo

format: .venv/dev.stamp ## put the style right
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: .venv/dev.stamp static/vendor ## how fast it is, against the bare framework
	$(PY) -m tests.bench

trace: .venv/dev.stamp ## which test proves which promise
	$(PY) -m tests.trace

assets: .venv/run.stamp ## fetch the front end's files again
	$(PY) static/build.py

lock: .venv/run.stamp ## choose the newest versions that pyproject.toml and static/package.json allow
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	$(COMPILE) --group tools -o requirements-tools.lock
	$(PY) static/build.py lock

clean: ## remove what was made here, but not the data in var/
	rm -rf .venv static/vendor .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find app migrations tests static -name __pycache__ -type d -prune -exec rm -rf {} +

browser:
	@sh .ci/chromium

scanner:
	@sh .ci/clamav

tracing:
	@sh .ci/tracing

static/vendor: static/package-lock.json static/build.py | .venv/run.stamp
	$(PY) static/build.py

# --- The environment: uv, held to its own hash, then uv holds all else to theirs; pip alone can do it too.

COMPILE = .venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url

fill = .venv/bin/uv pip sync --quiet --python .venv --require-hashes requirements-tools.lock $(1) \
	|| .venv/bin/pip install --quiet --require-hashes -r requirements-tools.lock -r $(1)

.venv/dev.stamp: .venv/tools.stamp requirements-dev.lock
	@echo "Filling .venv from requirements-dev.lock" && { $(call fill,requirements-dev.lock); }
	@touch .venv/run.stamp $@

.venv/run.stamp: .venv/tools.stamp requirements.lock
	@echo "Filling .venv from requirements.lock" && { $(call fill,requirements.lock); }
	@rm -f .venv/dev.stamp && touch $@

.venv/tools.stamp: requirements-tools.lock
	@.venv/bin/python -c '' 2>/dev/null || { python=$$(sh .ci/python) \
		&& echo "Making .venv with $$($$python --version)" && $$python -m venv --clear .venv; }
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-tools.lock
	@touch $@
