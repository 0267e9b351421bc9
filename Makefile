# `make app` serves the explorer, `make test` runs every test; each does its own set-up, once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: app test lint checkpoints bench clean

app: $(VENV)/app
	$(BIN)/python app.py

test: $(VENV)/test
	$(BIN)/python -m pytest

lint: $(VENV)/test
	$(BIN)/ruff check
	$(BIN)/ruff format --check

checkpoints: $(VENV)/app
	$(BIN)/python train/all.py

bench: $(VENV)/test
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/app.py

clean:
	rm -rf $(VENV)

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/app: $(BIN)/python requirements.txt
	$(BIN)/python -m pip install -r requirements.txt
	touch $@

$(VENV)/test: $(VENV)/app tests/requirements.txt
	$(BIN)/python -m pip install -r tests/requirements.txt
	touch $@
