# make            what there is
# make up         the hive for one user, in the foreground
# make demo       the whole hive against the rehearsal model: no account, no tokens
# make test       everything the tests need, then the tests
# make quick      those of less than a quarter of a second each, while you work
# make redteam    attacks from inside each kind of container, and a table of what held
# make deps       the system packages some features and tests use (Debian, as root)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Every process of a test reads the modules as they were compiled by the first: without these files, which some containers
# forbid, each compiles all of them again, a third of all the time the tests take.
unexport PYTHONDONTWRITEBYTECODE
# Much of a test is waiting for a process or a disk: one job more than cores.
JOBS ?= 3
VENDOR := $(addprefix web/static/vendor/,htmx.min.js uPlot.iife.min.js uPlot.min.css xterm.mjs xterm.css xterm-fit.mjs)

.DEFAULT_GOAL := help
.PHONY: help up demo test quick torture redteam lint types check bench deps lock clean

help:
	@sed -n 's/^# \(make.*\)/\1/p' Makefile

$(VENV)/.installed: pyproject.toml requirements.txt requirements-dev.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $@

$(VENV)/.dev: $(VENV)/.installed requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

# The page's libraries come from npm, pinned; without npm the pages still work for reading. No marker stands for them:
# as long as a file is missing each make says so, and the first one with npm builds it.
$(VENDOR) &: web/package.json web/package-lock.json web/build.py
	$(PYTHON) web/build.py

# What only tests of the page use.
AXE := web/development/axe.min.js
$(AXE): web/package.json web/package-lock.json web/build.py
	$(PYTHON) web/build.py --development

up: $(VENV)/.installed $(VENDOR)
	$(BIN)/hive up

demo: $(VENV)/.installed $(VENDOR)
	$(BIN)/hive demo

# The root image of the nspawn tests is built before them, once a machine; where it can not be, this says why.
test: $(VENV)/.dev $(VENDOR) $(AXE)
	$(BIN)/python -m tests.actors.agent.nspawn_parts
	$(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

quick: $(VENV)/.dev $(VENDOR)
	$(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder -m "not slow and not torture" $(ARGS)

torture: $(VENV)/.dev $(VENDOR)
	HIVE_TORTURE=1 $(BIN)/pytest -m torture --timeout 3600 $(ARGS)

redteam: $(VENV)/.dev
	$(BIN)/python -m tests.actors.agent.nspawn_parts
	$(BIN)/pytest -n $(JOBS) tests/redteam $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff format --check actors harness web tests
	$(BIN)/ruff check actors harness web tests

types: $(VENV)/.dev
	$(BIN)/mypy

check: lint types test

bench: $(VENV)/.dev
	$(BIN)/python -m tests.bench $(ARGS)

deps:
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
		bubblewrap chromium chromium-driver e2fsprogs git make mmdebstrap mount nix-bin python3-venv systemd-container

# Versions with hashes and without the address of any index.
LOCK := $(BIN)/python -m piptools compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-annotate \
	--no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host

lock: $(VENV)/.dev
	$(LOCK) --build-deps-for editable -o requirements.txt pyproject.toml
	$(BIN)/python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['dependency-groups']['dev'], sep='\n')" \
		| $(LOCK) -c requirements.txt -o requirements-dev.txt -

clean:
	rm -rf $(VENV) web/static/vendor build dist .pytest_cache .mypy_cache .ruff_cache
