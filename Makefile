# The one task runner: `make` lists what there is.
PY ?= .venv/bin/python
.PHONY: help setup test lint bench lab pictures docs prices

help:            ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST)
setup:           ## a virtual environment with everything for development
	python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]'
test:            ## the tests (the real tier too, where it has been built: see `make lab`)
	$(PY) -m pytest
lint:            ## format, lint, types, import rules
	$(PY) -m ruff format --check . && $(PY) -m ruff check . && $(PY) -m mypy && .venv/bin/lint-imports
lab:             ## a real cluster on this machine to try it on (300 nodes, 10,000 pods)
	$(PY) -m tests.lab up --nodes 300 --pods 10000
bench:           ## the figures, beside k9s and sofka when they are on the PATH
	$(PY) -m tests.bench
pictures:        ## screenshots/, made again from the real app (the recording needs sshd)
	$(PY) -m tests.pictures && $(PY) -m tests.pictures.cast
docs:            ## docs/keys.md, made again from the key registry
	$(PY) -m tests.keydocs
prices:          ## console/prices/table.bin, made again from published price lists (needs `go`)
	$(PY) -m tests.pricetable
