# Everything a newcomer needs: make run, make test. Nothing else has to be installed but Python 3.11 or newer.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: run install test test-long test-calendar coverage mutants lint bench bench-peers soak population understanding clean

# Where no settings are, with the office's pages too: on the simulator one press signs in at /kantor.
run: $(STAMP)
	$(if $(wildcard .env),,RANGKUL_CONSOLE=$${RANGKUL_CONSOLE:-true} )$(BIN)/rangkul serve

# For a service whose user may not write here: what is pinned, by hash, and compiled.
install: $(STAMP)
	$(BIN)/python -m compileall -q bot conversations locales storage

# Servers and workers of the tests start many times: what Python has compiled is kept.
unexport PYTHONDONTWRITEBYTECODE

test: $(STAMP)-test
	$(BIN)/python -m pytest -n 2 --dist worksteal

# The same promises at length: every chat on every channel, more kills, walks, orders and bodies.
test-long: $(STAMP)-test
	KILLS=12 RACES=30 WALKS=12 ORDERS=15 FUZZ_BODIES=60 \
		$(BIN)/python -m pytest -n 2 --dist worksteal -m "long or counted"

# The suite with the machine's date moved, in far zones: whole once, and what knows of dates on three more days.
test-calendar: $(STAMP)-test
	$(BIN)/python -m tests.dated -n 2

# How much of each package the tests run through, in threads, greenlets and child processes; takes about twice the time.
coverage: $(STAMP)-test
	rm -rf build/coverage && mkdir -p build/coverage
	$(BIN)/python -m coverage run -m pytest -n 2 --dist worksteal
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m tests.covered build/coverage/report.json

# Small faults put into the program one at a time; prints those that the tests near them do not notice. Hours for all of
# it: FILES="storage/outbox/claims.py bot/outbox" names some.
mutants: $(STAMP)-test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/mutants.txt
	$(BIN)/python -m tests.mutants $(FILES)

lint: $(STAMP)-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)-test
	$(BIN)/python -m benchmarks

# What the peers of `make bench` need besides: the client of Redis (its server comes from your system).
bench-peers: $(STAMP)-test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/bench.txt

soak: $(STAMP)-test
	$(BIN)/python -m benchmarks.soak --minutes 30 --owners 2000

# Four weeks of 2,000 owners and five offices in simulated time, with a product that is killed every few hours.
population: $(STAMP)-test
	$(BIN)/python -m tests.population

understanding: $(STAMP)-test
	$(BIN)/python -m tests.understanding

$(STAMP): requirements/run.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	touch $@

$(STAMP)-test: $(STAMP) requirements/test.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.txt
	touch $@

clean:
	rm -rf .venv build *.egg-info
