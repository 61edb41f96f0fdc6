# make demo: sample workbooks under demo/. make test: all checks, with the programs they need. Both make .venv first.
PYTHON ?= python3
EDITION ?= 2011-12
PERIOD ?= 2011-12-Q3
SHA ?= Q34
BIN := .venv/bin
VENV := .venv/.installed

.PHONY: demo test lint hosts bench parity faults docs pictures clean

demo: $(VENV)
	$(BIN)/pfexcel demo --out demo

test: hosts lint
	$(BIN)/pytest -n 2

lint: $(VENV)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright

hosts:
	@tools/test-hosts

bench: $(VENV)
	$(BIN)/python -m bench

# Every comparison of Python, Excel formulas and worksheet functions, on many more random returns than `make test`.
parity: hosts $(VENV)
	PFEXCEL_PARITY=full $(BIN)/pytest -n 2 tests/test_parity*.py

# Collating 400 files of which 200 are faulty, and stopped 100 times: `make test` has 100 files, and stops it 4 times.
faults: $(VENV)
	PFEXCEL_FAULTS=full $(BIN)/pytest -n 2 tests/test_collate*.py

# What is made from data: docs/rules.md (editions, ladders, Monitor files, worked cases), docs/checks.md,
# docs/functions.md, and the template workbook of the worksheet functions.
docs: $(VENV)
	$(BIN)/python -m pfexcel.rules_page
	$(BIN)/python -m pfexcel.checks_page
	$(BIN)/python -m pfexcel.functions_page
	$(BIN)/python -m pfexcel.template.build

# The printed pages of one SHA's return workbook; SHEETS="Cover" draws only that sheet.
pictures: hosts $(VENV)
	$(BIN)/pfexcel generate --edition $(EDITION) --period $(PERIOD) --sha $(SHA) --out pictures
	$(BIN)/python tools/pictures pictures/pf-return_$(PERIOD)_$(SHA)_*.xlsx pictures $(if $(SHEETS),--sheets $(SHEETS))

clean:
	rm -rf .venv .tools demo pictures build dist .hypothesis .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV): pyproject.toml
	@tools/check-python $(PYTHON)
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev,publish,parquet]"
	@touch $@
