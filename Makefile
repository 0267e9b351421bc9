# `make app` serves the explorer, `make test` runs the tests, `make test-all` those that take long too; each does its own set-up, once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OTHERS := 3.11 3.13  # further releases of Python that the unit tests run on
# The modules of the pages are checked where Node.js is; running the explorer needs none of it.
NODE := $(if $(shell command -v npm),node_modules/.package-lock.json)
with_node = $(if $(NODE),$(1),@echo "npm is not here: the modules in explorer/web/js are not checked.")
UNIT := --ignore tests/browser --ignore tests/app --ignore tests/train/test_all.py

.PHONY: app test test-all $(OTHERS:%=test-%) lint space checkpoints bench audit clean

app: $(VENV)/app
	$(BIN)/python app.py

test: $(VENV)/test
	$(call with_node,npm test --silent)
	$(BIN)/python -m pytest

test-all: $(VENV)/test
	$(BIN)/python -m pytest -m ""
	$(MAKE) $(OTHERS:%=test-%)

$(OTHERS:%=test-%): test-%:
	python$* -m venv $(VENV)-$*
	$(VENV)-$*/bin/python -m pip install -r requirements.txt -r tests/requirements.txt
	$(VENV)-$*/bin/python -m pytest $(UNIT)

lint: $(VENV)/test $(NODE)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright
	$(call with_node,npm run --silent lint)

space: $(VENV)/space
	$(BIN)/python -m space $(if $(PUSH),--push $(PUSH))

checkpoints: $(VENV)/app
	$(BIN)/python train/all.py

bench: $(VENV)/test
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/app.py

# Known vulnerabilities of the installed packages, where the service can be reached, and their licences. PyPI's own service, pip-audit's default,
# skips what a mirror does not know, and then reports no vulnerabilities.
audit: $(VENV)/app
	$(BIN)/python -m pip install -q "pip-audit>=2.7,<3" "pip-licenses>=5,<6"
	$(BIN)/python -m pip_audit --progress-spinner off -s osv 2>/dev/null && echo "No known vulnerabilities." || \
	  echo "Known vulnerabilities stand above; where none do, api.osv.dev could not be asked, and nothing is known."
	$(BIN)/python -m piplicenses --order license

clean:
	rm -rf node_modules $(VENV) $(OTHERS:%=$(VENV)-%) build

node_modules/.package-lock.json: package.json package-lock.json
	npm ci --no-audit --no-fund
	touch $@

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
