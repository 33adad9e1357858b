# Needs make and Python 3.11 or newer. Everything stays inside the checkout: packages in .venv/, data in var/
# (or BUREAU_VAR). With DATABASE_URL and REDIS_URL set, those servers are used; otherwise the embedded ones.
#
#   make demo            the river on 100,000 residents, then the admin; SERVE=0 ends after the summary
#   make test            the whole suite on throw-away servers; ARGS="tests/payments -k posting" narrows it
#   make lint types      ruff, mypy
#   make browser         the journeys in headless Chromium
#   make bench           the benchmarks; ARGS=--smoke for a short run
#   make messages        collect and compile the translations
#   make clean           remove .venv (var/ stays)

PYTHON ?= python3
SERVE ?= 1
PERSONS ?= 100000
REGION ?= 450800
YEAR ?= 2025
PORT ?= 8000
JOBS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); [ $$n -gt 4 ] && n=4; [ $$n -lt 2 ] && n=2; echo $$n)
ARGS ?=

VENV := .venv
PY := $(VENV)/bin/python
INSTALL := $(PY) -m pip install --quiet --no-cache-dir --disable-pip-version-check --require-hashes
SERVERS := $(PY) -m bureau.embedded run
THROWAWAY := env BUREAU_TESTING=1 $(SERVERS) --throwaway

.PHONY: demo test browser bench lint types messages install install-dev clean
.NOTPARALLEL:

demo: install
	exec $(PY) manage.py demo --persons $(PERSONS) --region $(REGION) --year $(YEAR) --port $(PORT) \
		$(if $(filter 0 no false,$(SERVE)),--no-serve,--serve)

test: install-dev
	exec $(THROWAWAY) -- $(PY) -m pytest -n $(JOBS) -m "not browser" $(ARGS)

browser: install-dev
	exec $(THROWAWAY) -- $(PY) -m pytest -n $(JOBS) tests/journeys -m browser $(ARGS)

bench: install-dev
	exec $(SERVERS) --throwaway --durable -- $(PY) -m tests.benchmarks.run $(ARGS)

lint: install-dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: install-dev
	$(SERVERS) --offline -- $(PY) -m mypy $(ARGS)

messages: install-dev
	$(PY) manage.py makemessages --all --no-obsolete --no-location
	$(VENV)/bin/pybabel compile --directory=locale --domain=django

install: $(VENV)/.installed

install-dev: $(VENV)/.installed-dev

$(VENV)/.installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@test -x $(PY) || { echo "Creating $(VENV) ..."; $(PYTHON) -m venv $(VENV); }
	@echo "Installing the packages of requirements.txt ..."
	@$(INSTALL) -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "Installing the packages of requirements-dev.txt ..."
	@$(INSTALL) -r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV)
