# Two commands: `make run` starts the site on invented records, `make test` runs every check.
# Both set up what they need. On Debian they want Python 3.11, Node 20 with npm, and make; nothing else.

SHELL := /bin/bash
PYTHON ?= python3
PY := .venv/bin/python
UV := $(shell sed -n 's/^\(uv==[0-9.]*\).*/\1/p' requirements-dev.lock)
PROCEDURE := $(or $(RHI_PROCEDURE),somerset)
LOCK := .venv/bin/uv pip compile --quiet --generate-hashes --no-header --no-annotate --python-version 3.11

# The last file that checks/front_end.py writes.
PAGES := static/vendor/moj/moj-frontend.min.js

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup system-packages system-packages-test run test fast format clauses guide bench soak faults whole cover locks

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

setup: system-packages .venv/made .venv/filled $(PAGES) ## Python and Node packages, and what the pages look like
	@mkdir -p var

system-packages:
	@checks/system_packages.sh run

system-packages-test:
	@checks/system_packages.sh test

.venv/made: | system-packages
	$(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check $(UV)
	@touch $@

.venv/filled: requirements-dev.lock | .venv/made
	.venv/bin/uv pip sync --quiet --python $(PY) --require-hashes requirements-dev.lock
	@touch $@

node_modules/made: package-lock.json package.json .npmrc
	npm ci --ignore-scripts
	@touch $@

$(PAGES): node_modules/made checks/front_end.py | .venv/made
	$(PY) checks/front_end.py

run: export RHI_DEMO = 1
run: export DEBUG = 0
run: setup ## the site on 127.0.0.1:8000 (PORT=…), with a year of invented records when the database is empty
	$(PY) manage.py migrate --verbosity 0
	$(PY) manage.py createcachetable
	$(PY) manage.py collectstatic --no-input --verbosity 0
	$(PY) manage.py load_procedure $(PROCEDURE)
	$(PY) manage.py demo_records
	$(PY) manage.py demo_people
	$(PY) manage.py demo_work
	-$(PY) manage.py run_due
	exec $(PY) manage.py serve

test: system-packages-test setup ## every check, on SQLite and on PostgreSQL with Redis, with times and budgets
	@$(PY) -m checks.gate

fast: setup ## the quick part of the checks: lint, types, contracts, unit tests on SQLite
	@$(PY) -m checks.gate --fast

format: setup ## put code and templates into the house format
	.venv/bin/ruff check --fix-only --quiet
	.venv/bin/ruff format
	.venv/bin/djlint --reformat --quiet templates

clauses: setup ## the clauses of the authorities' documents, their tests, and those without
	@$(PY) -m checks.clauses

guide: system-packages-test setup ## the pictures of docs/guide anew, from the site as each person sees it
	@$(PY) -m checks.guide

bench: system-packages-test setup ## the speed table, on a private PostgreSQL
	@$(PY) -m checks.servers --with-statistics $(PY) -m checks.bench

soak: system-packages-test setup ## the big counts, whole; evidence goes to docs/evidence
	@SOAK=full $(PY) -m checks.servers $(PY) -m pytest -m soak -n 2 --timeout 3600

faults: system-packages-test setup ## kill what the site is made of while it works, 300 times, and reckon up; part of make soak
	@$(PY) -m checks.faults

whole: system-packages-test setup ## every test on PostgreSQL, none left to another run: about an hour
	@$(PY) -m checks.servers $(PY) -m pytest -q -n 2 --dist worksteal -m "not whole"

cover: system-packages-test setup ## how much of the code the tests run, branches included; 95 % at least
	@$(PY) -m checks.servers $(PY) -m pytest -q -n 2 -m "not browser" --cov --cov-report=term

locks: .venv/made ## make the lock files anew from pyproject.toml and package.json
	$(LOCK) pyproject.toml --output-file requirements.lock
	$(LOCK) --extra dev pyproject.toml --output-file requirements-dev.lock
	npm install --package-lock-only --ignore-scripts
