# Two commands do all the set-up on a fresh machine: `make demo` and `make test`.
# Re-running either is quick: the environment is rebuilt only when its lists changed.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null \
	&& echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test test-long check format lock env clean

# make demo EXAMPLE=products shows an example that has assets of its own.
ifneq ($(filter-out music,$(EXAMPLE)),)
demo: export LTRR_ASSETS := examples/$(EXAMPLE)/opensearch
endif
demo: env
ifdef CHECK
	$(BIN)/ltrr demo --check
else
	$(BIN)/ltrr demo
endif

test: env check
	@sh tests/browser/install.sh
	$(BIN)/pytest -m "not long"

test-long: env
	@sh tests/browser/install.sh
	$(BIN)/pytest --long

check: env
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: env
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

env: $(READY)

# A half-made environment is made again: the stamp is written last.
$(READY): requirements.txt requirements-uv.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "ltrr needs Python 3.11, 3.12 or 3.13: install one, or name it: make PYTHON=..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python's venv module does not work here. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Installing the Python packages into $(VENV) (about 5 GB on Linux, most of it PyTorch's CUDA build)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.txt requirements-uv.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $(READY)

# Exact versions with hashes, without any index address.
lock:
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --extra dev --upgrade pyproject.toml -o requirements.txt
	echo uv | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --upgrade - -o requirements-uv.txt

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
