# `make app` serves the explorer, `make test` runs the tests, `make test-all` those that take long too; each does its own set-up, once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OTHERS := 3.11 3.13  # further releases of Python that the unit tests run on
UNIT := --ignore tests/browser --ignore tests/app --ignore tests/train/test_all.py

.PHONY: app test test-all $(OTHERS:%=test-%) lint space checkpoints bench clean

app: $(VENV)/app
	$(BIN)/python app.py

test: $(VENV)/test
	$(BIN)/python -m pytest

test-all: $(VENV)/test
	$(BIN)/python -m pytest -m ""
	$(MAKE) $(OTHERS:%=test-%)

$(OTHERS:%=test-%): test-%:
	python$* -m venv $(VENV)-$*
	$(VENV)-$*/bin/python -m pip install -r requirements.txt -r tests/requirements.txt
	$(VENV)-$*/bin/python -m pytest $(UNIT)

lint: $(VENV)/test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright

space: $(VENV)/space
	$(BIN)/python -m space $(if $(PUSH),--push $(PUSH))

checkpoints: $(VENV)/app
	$(BIN)/python train/all.py

bench: $(VENV)/test
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/app.py

clean:
	rm -rf $(VENV) $(OTHERS:%=$(VENV)-%) build

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/app: $(BIN)/python requirements.txt
	$(BIN)/python -m pip install -r requirements.txt
	touch $@

# Since 23.3 pip's dry run reads the metadata of packages; before, it downloaded them.
$(VENV)/space: $(VENV)/app
	$(BIN)/python -m pip install "pip>=23.3"
	touch $@

$(VENV)/test: $(VENV)/app tests/requirements.txt
	$(BIN)/python -m pip install -r tests/requirements.txt
	touch $@
