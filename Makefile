# A fresh machine needs Python 3.11 or later and make. Each target sets up what it needs.

PYTHON  ?= python3
WORKERS ?= auto

BIN    := .venv/bin
STAMP  := .venv/.installed
PIP    := $(BIN)/python -m pip --disable-pip-version-check
PYTEST := -m pytest -n $(WORKERS)
QUICK  := -m "not spark and not postgres and not fuzz and not slow"

# What a run compiles is kept, for its other workers, the interpreters that tests start, and the next run.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo test check bench docs pages lint format types imports cov fuzz atheris wheel lock clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' Makefile

demo: $(STAMP)  ## run the main job: write an export as HubSpot would, and report on it
	$(BIN)/python examples/crm_export.py build/demo/hubspot-export.csv
	$(BIN)/salesflow report build/demo/hubspot-export.csv --zone Europe/Berlin --currency EUR

test: $(STAMP)  ## run the tests, the docstrings and the examples in the docs; all but the slow ones and those of Spark and PostgreSQL
	$(BIN)/python $(PYTEST) $(QUICK)

check: lint types imports cov fuzz docs wheel  ## all that must pass: lint, types, imports, cov, fuzz, docs, wheel
	@echo "check: all passed"

bench: $(STAMP)  ## print the benchmark table
	$(BIN)/python -m benchmarks

docs: $(STAMP)  ## build the docs into build/docs, warnings are errors
	$(BIN)/python -m sphinx --fresh-env --fail-on-warning --keep-going --quiet docs build/docs

pages: $(STAMP)  ## write the generated parts of the docs
	$(BIN)/python docs/pages.py

lint: $(STAMP)  ## check style and format
	$(BIN)/python -m ruff check
	$(BIN)/python -m ruff format --check

format: $(STAMP)  ## fix what can be fixed, and format
	$(BIN)/python -m ruff check --fix
	$(BIN)/python -m ruff format

types: $(STAMP)  ## check types
	$(BIN)/python -m mypy

imports: $(STAMP)  ## check the layers
	$(BIN)/lint-imports

cov: $(STAMP)  ## run all tests, the slow ones and those of Spark and PostgreSQL too; every line and branch must be covered
	$(BIN)/python $(PYTEST) -m "not fuzz" --cov

fuzz: $(STAMP)  ## read 200,000 spoilt files and some of a gigabyte, balance 10,000 books, and look for what is not there in hundreds
	$(BIN)/python $(PYTEST) -m fuzz tests/fuzz tests/property tests/unit/crm/test_sources_hostile.py tests/unit/review

atheris: $(STAMP)  ## read what atheris makes of some exports, for ten minutes (needs python3.11)
	$(PIP) install -qq atheris
	$(BIN)/python tests/fuzz/atheris_seeds.py build/atheris
	$(BIN)/python tests/fuzz/atheris_read.py -max_total_time=600 -max_len=4096 -artifact_prefix=build/ build/atheris

# The wheel is tested as a user has it: its declared dependencies and the test group, nothing else. It holds the files of
# the tree, so that laws and real files would say nothing more of it.
wheel: $(STAMP)  ## build the wheel and run the tests against it
	rm -rf dist .venv-wheel
	$(BIN)/python -m build --wheel --no-isolation
	$(BIN)/python -m venv --without-pip .venv-wheel
	$(PIP) --python .venv-wheel/bin/python install -qq \
	    --constraint requirements/dev.txt --group test dist/*.whl
	.venv-wheel/bin/python -c "from importlib.resources import files; \
	    root = files('salesflow'); print('testing', root); \
	    assert 'site-packages' in str(root), 'not the wheel'; \
	    assert root.joinpath('py.typed').is_file(), 'the wheel has no py.typed'"
	HYPOTHESIS_PROFILE=brief .venv-wheel/bin/python $(PYTEST) $(QUICK) tests/unit tests/contract tests/golden docs README.md

$(STAMP): pyproject.toml requirements/dev.txt
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || \
	    { echo "salesflow needs Python 3.11 or later: make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv .venv
	$(PIP) install -qq -r requirements/dev.txt
	$(PIP) install -qq --no-deps --no-build-isolation -e .
	touch $@

# From the oldest Python, so that each pin can be installed on the newer ones.
lock:  ## pin the newest versions in requirements/dev.txt (needs python3.11)
	rm -rf build/lock
	python3.11 -m venv build/lock
	build/lock/bin/python -m pip install -qq --upgrade pip
	build/lock/bin/python -m pip install -qq --group dev .
	{ echo "# Every package of the dev group and of salesflow itself, for Python 3.11 and later."; \
	  echo "# Made by 'make lock'; not edited by hand."; \
	  build/lock/bin/python -m pip freeze --all --exclude salesflow --exclude setuptools; \
	} > build/dev.txt
	mv build/dev.txt requirements/dev.txt

clean:  ## remove all that make made
	rm -rf .venv .venv-wheel build dist .coverage* .hypothesis .import_linter_cache \
	    .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
