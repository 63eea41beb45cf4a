# Every target makes what it needs: a new machine has Python >= 3.11, pip and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test test-min lint docs bench stubs clean
.DEFAULT_GOAL := demo

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $(STAMP)

demo: $(STAMP)  ## the main job on a packaged real table
	$(BIN)/steelyard run taxi --budget 2 --out demo-run --fresh

test: $(STAMP)  ## the whole test suite
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not small"

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
