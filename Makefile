# `make run` runs Theseus, `make test` tests it; both set up .venv first. `make help` lists the rest.

PYTHON ?=
ARGS ?=
export PYTHON

# Without byte code each start compiles the host again, and the start is measured.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test check format lock bench torture integration screenshots clean set-up set-up-dev

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22
	@echo 'ARGS="..." is passed on; PYTHON=... chooses the interpreter of .venv (3.11 or newer).'

run: set-up ## open the workbench, or run headless where there is no display
	@.venv/bin/theseus run $(ARGS)

test: set-up-dev ## every check, then every test, with Qt offscreen
	@failed=0; scripts/check || failed=1; \
	echo "Testing"; QT_QPA_PLATFORM=offscreen .venv/bin/python -m pytest -q $(ARGS) || failed=1; \
	exit $$failed

check: set-up-dev ## format, lint, types, import contracts, Lua lint
	@scripts/check

format: set-up-dev ## write the code as the formatter does, and fix what the linter can fix
	@.venv/bin/ruff check --quiet --fix-only .
	@.venv/bin/ruff format .

lock: ## write requirements/*.lock anew from pyproject.toml
	@scripts/lock

bench: set-up-dev ## one table of ratios beside peers, measured in the same run
	@QT_QPA_PLATFORM=offscreen .venv/bin/python -m benchmarks $(ARGS)

torture: set-up-dev ## the reliability suites at full size
	@QT_QPA_PLATFORM=offscreen .venv/bin/python -m pytest -q -m torture -o faulthandler_timeout=0 $(ARGS)

integration: set-up-dev ## only the tests with whole processes or a real window
	@QT_QPA_PLATFORM=offscreen .venv/bin/python -m pytest -q -m integration $(ARGS)

screenshots: set-up-dev ## the pictures of the README, still and moving, taken from a real window under Xvfb
	@.venv/bin/python -m scripts.screenshots $(ARGS)
	@.venv/bin/python -m scripts.live_reload

clean: ## remove .venv and all that was made from the sources
	@rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name .git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

set-up:
	@scripts/set-up run

set-up-dev:
	@scripts/set-up dev
