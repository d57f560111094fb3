PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test setup lint docs clean

demo: $(VENV)/.ready  ## examine the bundled example and say where the dossier is
	$(BIN)/kayfabe examine examples/common-front.md --out demo --force

test: $(VENV)/.ready-dev  ## lint, types, tests
	$(BIN)/ruff check src tests scripts benchmarks
	$(BIN)/mypy
	$(BIN)/python -m pytest -q

setup: $(VENV)/.ready-dev

docs: $(VENV)/.ready-dev  ## docs/instruments from the declarations
	$(BIN)/python scripts/write_docs.py

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("kayfabe needs Python 3.11 or newer; give it with: make PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[read]'
	@touch $@

$(VENV)/.ready-dev: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev,read]'
	@touch $@ $(VENV)/.ready

clean:
	rm -rf $(VENV) demo build dist *.egg-info
