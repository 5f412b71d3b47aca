# Two commands do everything on a machine that has python3 (3.11 or newer), venv and make:
#   make demo   create .venv, install, run the main job on embedded data
#   make test   the same, then lint, types and the test suite
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: demo test lint docs clean

demo: $(VENV)/.installed
	$(BIN)/python examples/demo.py

test: $(VENV)/.installed-dev demo lint
	$(BIN)/python -m pytest --numprocesses logical --dist loadfile

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The help texts in docs/commands.md and the output of the commands in all pages, renewed.
docs: $(VENV)/.installed
	$(BIN)/python docs/help_texts.py
	$(BIN)/python docs/console.py $$(grep -l '^```console' README.md docs/*.md)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@echo "Installing taxo with PyTorch into $(VENV): a few minutes and up to 6 GB on the first run."
	$(BIN)/python -m pip install --quiet --editable '.[train,plot]'
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@ $(VENV)/.installed

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "taxo needs Python 3.11 or newer; name one with: make demo PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

clean:
	rm -rf $(VENV) .venv-light build dist demo *.egg-info src/*.egg-info
