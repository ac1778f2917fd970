# Everything a newcomer types. Needs git, make and Python 3.11 to 3.13; the rest comes from requirements.lock.
.DEFAULT_GOAL := help
.PHONY: help setup run demo test lint serve bench clean

export DO_NOT_TRACK := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export GX_ANALYTICS_ENABLED := false
export PIP_DISABLE_PIP_VERSION_CHECK := 1

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.costgrain-installed

# The newest Python that starts (a version manager's shim may be there and fail) and can make a venv.
PYTHON := $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' >/dev/null 2>&1 \
	&& { command -v $$p; break; }; done)

help: ## Show the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 12

setup: $(STAMP) ## Install the locked packages into .venv

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "costgrain needs Python 3.11, 3.12 or 3.13 with its venv module on the PATH, and found none." \
		"Install one (Debian, Ubuntu: apt install python3 python3-venv), then run make again." >&2; exit 1; }
	@rm -f $@
	@$(BIN)/python -c '' >/dev/null 2>&1 || { echo "Making $(VENV) with $(PYTHON)"; rm -rf $(VENV); "$(PYTHON)" -m venv $(VENV); }
	@echo "Installing the locked packages (about a minute, once)"
	@if command -v uv >/dev/null 2>&1; then \
		uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock && \
		uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable . ; \
	else \
		$(BIN)/python -m pip install --quiet --no-compile --no-deps --require-hashes --requirement requirements.lock && \
		$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable . ; \
	fi
	@mkdir -p .costgrain/build  # dbt alone makes its files, but not their folders
	@touch $@

run: $(STAMP) ## Ingest, build, test and publish; the demo company if landing/ is empty
	@$(BIN)/costgrain run

demo: $(STAMP) ## Write the demo company's files and build them, in folders of their own
	@$(BIN)/costgrain demo
	@$(BIN)/costgrain run --demo

lint: $(STAMP) ## Style of Python and SQL
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/sqlfluff lint models tests

# A process more than there are cores, since tests wait for each other's builds. Tests of one file stay together, as they
# share what they build; in the order of their names, as the largest files hold few tests and would come last.
test: lint ## All checks
	$(BIN)/python -m pytest --numprocesses $$(( $$(getconf _NPROCESSORS_ONLN) + 1 )) --maxprocesses 4 --dist loadfile --no-loadscope-reorder

serve: $(STAMP) ## Dagster's UI and the dbt docs on this machine
	@$(BIN)/costgrain serve

bench: $(STAMP) ## Time and memory at 1 and 10 million calls
	@$(BIN)/python -m bench

clean: ## Remove what is derived; never landing, config or ledger
	@test -n "$(PYTHON)" || { echo "costgrain needs Python 3.11, 3.12 or 3.13 on the PATH." >&2; exit 1; }
	@"$(PYTHON)" -m orchestration.clean
