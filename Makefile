# Every target does the set-up that it needs. `make run` opens the communicator, `make test` passes the tests.
PYTHON_ENVIRONMENT := .venv/bin/python
OFFSCREEN := QT_QPA_PLATFORM=offscreen
.PHONY: run test check unit interface processes other-pythons bench soak fuzz tour prepare-run prepare-test

run: prepare-run
	@installers/development/run.sh

test: check unit interface other-pythons processes

check: prepare-test
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(OFFSCREEN) $(PYTHON_ENVIRONMENT) -m pytest tests/quality -q

unit: prepare-test
	$(OFFSCREEN) $(PYTHON_ENVIRONMENT) -m pytest tests/unit tests/fuzz -q -n auto

interface: prepare-test
	$(OFFSCREEN) $(PYTHON_ENVIRONMENT) -m pytest tests/ui -q

processes: prepare-test
	$(OFFSCREEN) $(PYTHON_ENVIRONMENT) -m pytest tests/scenarios tests/integration tests/interop tests/security tests/faults -q

other-pythons: prepare-test
	@installers/development/other_pythons.sh

bench: prepare-test
	$(OFFSCREEN) $(PYTHON_ENVIRONMENT) -m pytest tests/bench -q --benchmark-only -p no:randomly
	$(PYTHON_ENVIRONMENT) -m tests.bench.load

# The whole fault plan: make soak SECONDS=7200 SEED=1 (endurance run of so many seconds; a seed repeats a run).
# Then an office's day in an hour: 2,500 sessions, chat, rooms, presence, publishing, uploads, flapping and deaf clients.
SECONDS ?= 1800
DAY_SECONDS ?= 3600
soak: prepare-test
	PARLOUR_SOAK_SECONDS=$(SECONDS) PARLOUR_SEED=$(SEED) $(PYTHON_ENVIRONMENT) -m pytest tests/faults tests/integration -s -q \
		-p no:randomly --override-ini=timeout=0
	$(OFFSCREEN) $(PYTHON_ENVIRONMENT) -m tests.faults.mutations
	$(PYTHON_ENVIRONMENT) -m tests.soak --seconds $(DAY_SECONDS)

# Fuzzing of framing, SASL, addresses, stanza readers, WebSocket and BOSH: make fuzz SECONDS=600.
fuzz: prepare-test
	@installers/development/fuzz.sh $(SECONDS)

tour: prepare-run
	@installers/development/tour.sh

prepare-run:
	@installers/development/prepare.sh run

prepare-test:
	@installers/development/prepare.sh test
