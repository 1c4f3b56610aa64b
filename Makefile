# make demo · make check · make run: each sets itself up in .venv; make test adds the test bench
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
BENCH := $(VENV)/.bench

# With pip's own progress on a terminal, and elsewhere only what is wrong. The locks name all there is:
# an older pip that looks for what these need takes `coverage[toml]` for another thing than `coverage`
PIP := $(BIN)/python -m pip install --disable-pip-version-check --require-hashes --no-deps $$([ -t 2 ] || echo -qq)

unexport PYTHONDONTWRITEBYTECODE # what is compiled once need not be again, in none of the tests' processes

.PHONY: demo check run wheel image test types played compiled hikari fuzz audit chaos bench pictures lock format clean

demo: $(READY)
	@$(BIN)/python -m bot demo

check: $(READY)
	@$(BIN)/python -m bot check --online

run: $(READY)
	@$(BIN)/python -m bot

# What can be installed elsewhere, in dist/
wheel: $(READY)
	@$(BIN)/python -m pip wheel -qq --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist .
	@rm -rf build *.egg-info && ls dist

image:
	docker build --tag instant-studio-bot .

test: $(BENCH)
	@$(MAKE) --no-print-directory --jobs=2 types played

played: compiled
	$(BIN)/python -m pytest --numprocesses=6 --dist=worksteal --cov

types: $(BENCH)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy bot cogs tests

# What the tests' processes would else compile at one time, each for itself
compiled: $(BENCH)
	$(BIN)/python -m pytest --collect-only --quiet --no-header >/dev/null

# A foreign library meets the sandbox, in an environment of its own; `make test` runs it from then on
hikari: $(BENCH)
	$(PYTHON) -m venv $(VENV)/hikari
	$(VENV)/hikari/bin/pip install --quiet --disable-pip-version-check 'hikari==2.7.*'
	$(BIN)/python -m pytest tests/sandbox/test_hikari.py

# 10,000 cases for each parser, at random; SEED=… plays a run again
fuzz: SEED := $(or $(SEED),$(shell od -An -N3 -tu4 /dev/urandom))
fuzz: $(BENCH)
	$(BIN)/python -m pytest tests/fuzz --numprocesses=2 --timeout=0 --hypothesis-profile=many \
		--hypothesis-show-statistics --hypothesis-seed=$(strip $(SEED))

# Known vulnerabilities of what the locks name; says so where their data cannot be reached
audit: $(BENCH)
	$(BIN)/python tests/audit.py tests/requirements.lock

# 200 jobs, 50 kills, and a fault on every third call; SEED=… plays one again, and PROCESSES=2 has
# two bots on one PostgreSQL, of which either is killed
chaos: $(BENCH)
	PYTHONPATH=. $(BIN)/python -m tests.chaos.run --processes $(or $(PROCESSES),1) $(if $(SEED),--seed $(SEED))

# When jobs are asked for, the job table's speed and how it grows, the memory of jobs and servers, the
# start, a burst, and pictures that harm or are large (for them 3 GB of memory and of disk), each beside a
# baseline of the same minutes; writes docs/performance.md
bench: $(BENCH)
	PYTHONPATH=. $(BIN)/python tests/bench/asking.py
	PYTHONPATH=. $(BIN)/python tests/bench/table.py
	PYTHONPATH=. $(BIN)/python tests/bench/growth.py
	PYTHONPATH=. $(BIN)/python tests/bench/slow.py
	PYTHONPATH=. $(BIN)/python tests/bench/memory.py
	PYTHONPATH=. $(BIN)/python tests/bench/start.py
	PYTHONPATH=. $(BIN)/python tests/bench/servers.py
	PYTHONPATH=. $(BIN)/python tests/bench/burst.py
	PYTHONPATH=. $(BIN)/python tests/bench/pictures.py

# The manual's pictures, taken of the page itself; needs Chromium and a Chinese font
pictures: $(BENCH)
	PYTHONPATH=. $(BIN)/python tests/browser/pictures.py

# The locks anew, for every Python and system; UPGRADE=1 takes the newest of everything
LOCK = $(VENV)/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade) pyproject.toml - --extra scale
lock:
	$(PYTHON) -m venv $(VENV)/lock
	$(VENV)/lock/bin/pip install --quiet --disable-pip-version-check 'uv==0.13.*'
	echo 'setuptools>=77' | $(LOCK) --output-file requirements.lock
	echo 'setuptools>=77' | $(LOCK) --extra dev --constraints requirements.lock \
		--output-file tests/requirements.lock

format: $(BENCH)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage*

$(READY): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'Python 3.11 or newer is needed: make PYTHON=python3.11 …' >&2; exit 1; }
	@echo 'Setting up in $(VENV), once: what the bot needs, 185 MB. It takes half a minute.'
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) -r requirements.lock
	@touch $@

$(BENCH): $(READY) tests/requirements.lock
	@echo 'Adding the test bench, once: 100 packages, about 700 MB. It takes two minutes.'
	@$(PIP) -r tests/requirements.lock
	@touch $@
