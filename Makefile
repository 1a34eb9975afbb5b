# The two commands of README.md are `make demo` and `make test`. Each sets up what it needs and is safe to run twice.
#
#   make demo              a simulated caller rings the whole box and is served, offline
#   make test              format, lints, docs, tests: what CI runs
#   make run ARGS="..."    the command line, quietly, in the same build profile
#   make test-airlock      the slow suite of the airlock: thousands of callers against a model peer; needs Node
#   make test-kills        the slow suite of killed processes; prints a table
#   make test-record       the slow suite of the record: kills, cut power, failing disks; as root it mounts file systems of its own
#   make test-line         the telephone line against Kamailio, baresip, SIPp and a sound server, with a table; minutes
#   make bench-line        the telephone line under load, with SIPp, as root; ARGS=--quick for some minutes, --quota for a small board
#   make bench             what docs/ quotes: waits, recognition, hearing; RECORDINGS=, CASES= name material of yours
#   make tagger            trains the tagger of redaction again: the same model, byte for byte
#   make bench-redact CASES=  redaction beside presidio-analyzer on the same file, in one run
#   make fuzz              every parser of foreign bytes, SECONDS_EACH=60; ARGS="frame wav" for some; prints a table

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

CARGO ?= cargo
MODELS := target/models
# What the build and the demonstration take from Debian. flite1-dev and the PocketSphinx libraries are linked; cmake and
# g++ build whisper.cpp; libssl-dev is SQLCipher's libcrypto; openssl makes certificates for tests; pip only fetches the
# voice activity model.
PACKAGES := cmake g++ pkg-config libssl-dev libpocketsphinx-dev libsphinxbase-dev pocketsphinx-en-us flite flite1-dev \
            espeak-ng python3 python3-pip openssl libasound2-dev
# The other ends of a telephone line, for its tests: a registrar, a telephone, scripted callers, a sound server; a clock that can
# be moved, and a router.
LINE_PEERS := kamailio kamailio-tls-modules baresip sip-tester sipsak sox pulseaudio pulseaudio-utils \
              libasound2-plugins faketime nftables iproute2

.PHONY: help demo test run packages models programs lint docs unit bench bench-line bench-redact tagger test-kills test-airlock peer fuzz test-record warehouse-peers test-line line-peers

help:
	@sed -n 's/^#   //p' Makefile

demo: programs models $(if $(findstring --cloud,$(ARGS)),peer)
	@target/debug/anteroom demo $(ARGS)

test: lint docs unit

run: programs models
	@target/debug/anteroom $(ARGS)

packages:
	@missing=$$(for p in $(PACKAGES); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'install ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
	  echo "Installing from Debian:" $$missing; \
	  sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  $$sudo apt-get update -qq && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi

programs: packages
	@echo "Building (the first time takes up to half an hour on two cores) ..."
	@$(CARGO) build --bins
	@$(OUTWARD)

# The two that reach the internet on their own, with the features that they need: what is not in them cannot be reached from
# them.
OUTWARD_ALONE = --bin airlockd --bin syncd --no-default-features --features cloud,warehouse
OUTWARD = $(CARGO) build $(OUTWARD_ALONE)

# Those of the line wait for their peers, not for the processor: more of them at once.
SUITES := $(patsubst tests/%/main.rs,%,$(wildcard tests/*/main.rs))

line-peers:
	@missing=$$(for p in $(LINE_PEERS); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'install ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
	  echo "Installing from Debian:" $$missing; \
	  sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null || \
	  echo "Not all could be installed: what needs them is passed over."; \
	fi

models: packages
	@models/silero/fetch.sh $(MODELS)
	@mkdir -p $(MODELS) && cp -ru models/clinic-lm models/micro-whisper/micro-whisper.bin $(MODELS)/

lint: packages
	$(CARGO) fmt --check
	$(CARGO) clippy --all-targets -- -D warnings
	$(CARGO) check --no-default-features --quiet
	$(CARGO) check --quiet $(OUTWARD_ALONE)

docs: packages
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --no-deps --document-private-items --quiet

# `cargo test` links all programs with all features, whatever was built before it.
unit: packages models line-peers
	$(CARGO) build --bins
	$(CARGO) test --lib $(addprefix --test ,$(filter-out line,$(SUITES)))
	RUST_TEST_THREADS=4 $(CARGO) test --test line
	$(CARGO) test --doc

# Recordings of people (RECORDINGS: `digits/`, `transcripts.tsv`) and redaction cases (CASES) lie outside this project.
BENCH_WAV := target/bench-speech.wav
bench: programs models
	@flite -voice kal -t "Thank you for calling. I would like to book an appointment for next Tuesday morning, please." -o $(BENCH_WAV)
	@target/debug/anteroom bench vad $(BENCH_WAV)
	@target/debug/anteroom bench asr --sentences --answers
	@$(if $(RECORDINGS),target/debug/anteroom bench asr --digits $(RECORDINGS)/digits --list $(RECORDINGS)/transcripts.tsv,echo "no RECORDINGS: human voices are passed over")
	@$(if $(CASES),target/debug/anteroom bench redact $(CASES),echo "no CASES: redaction is passed over")
	@target/debug/anteroom bench turn --calls 1,2,4

# Packets are looked at on loopback: root, or CAP_NET_RAW. Some twenty minutes; docs/telephone-measured.md
bench-line: programs models line-peers
	@target/debug/anteroom bench line $(ARGS)

# Cases are generated from our templates and lists; no network, a quarter of an hour. The program must then be built again.
TAGGER := models/tagger
# Training is nothing but arithmetic: this one program is built with full optimisation for it (the next build undoes that).
tagger: packages
	@python3 $(TAGGER)/generate.py --seed 1 --count $(TAGGER_CASES) --out target/tagger-cases.jsonl
	@CARGO_PROFILE_DEV_OPT_LEVEL=3 $(CARGO) build --bin anteroom
	@target/debug/anteroom models train-tagger --cases target/tagger-cases.jsonl --out $(TAGGER)/tagger.bin
TAGGER_CASES := 1600000

# As it ships: with full optimisation (the next build undoes that).
bench-redact: packages
	@test -n "$(CASES)" || { echo "name a file of cases: make bench-redact CASES=tests/redaction/unseen.jsonl"; exit 1; }
	@CARGO_PROFILE_DEV_OPT_LEVEL=3 $(CARGO) build --bin anteroom
	@python3 -m venv target/presidio && target/presidio/bin/pip install -q presidio-analyzer==2.2.366
	@target/presidio/bin/python $(TAGGER)/bench_presidio.py target/debug/anteroom $(CASES) $(SCORER)

# Twenty rounds for each process; prints how the caller fared in each. Takes some ten minutes.
test-kills: programs models
	ANTEROOM_ROUNDS=20 $(CARGO) test --test calls kills -- --nocapture --test-threads 1

# Prints a row for each case; takes some half an hour on two cores. Its peers: PostgreSQL, an S3 server, DuckDB, Go's checksum
# database. Without root and loop devices the cases that need them say that they were skipped. docs/survival.md
RECORD_PACKAGES := golang-go golang-golang-x-mod-dev postgresql e2fsprogs
test-record: programs models warehouse-peers
	@missing=$$(for p in $(RECORD_PACKAGES); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'install ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
	  sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi
	@[ "$$(nm target/debug/syncd | grep -cE 'sqlite3_|whisper_|tract_(core|onnx|linalg)')" = 0 ] && \
	  echo "syncd holds no SQLite, whisper or tract" || { echo "syncd holds what it must not"; exit 1; }
	@target/debug/anteroom bench record
	ANTEROOM_TEST_KILLS=200 $(CARGO) test --lib -- record:: sync:: --include-ignored --nocapture --test-threads 1
	$(CARGO) test --test calls -- record officer audio --nocapture

test-line: packages models line-peers
	$(CARGO) test --test line -- --include-ignored --nocapture --test-threads 2
	$(CARGO) test --test calls -- telephone case_17 --include-ignored --nocapture

# The model peer is a program for Node. The system's is used where it is new enough, else the one that npm has.
PEER := tests/airlock/peer
export PATH := $(CURDIR)/target/node/node_modules/node/bin:$(PATH)
NODE_WILL_DO := node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 15) ? 0 : 1)' 2>/dev/null
peer: packages
	@$(NODE_WILL_DO) || command -v npm >/dev/null || { \
	  sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nodejs npm >/dev/null; }
	@$(NODE_WILL_DO) || npm install --no-audit --no-fund --silent --prefix target/node node@22
	@test -d $(PEER)/node_modules || npm ci --ignore-scripts --no-audit --no-fund --silent --prefix $(PEER)

# Prints tables and ends with how many tests passed and failed; takes some forty minutes on two cores. CALLS and SPOKEN are how
# many callers are played by text and by voice.
CALLS := 2000
SPOKEN := 100
test-airlock: programs models peer
	@node --test $(PEER)/*.test.mjs | tail -8
	@[ "$$(nm target/debug/airlockd | grep -cE 'sqlite3_|whisper_|tract_(core|onnx|linalg)')" = 0 ] && \
	  echo "airlockd holds no SQLite, whisper or tract" || { echo "airlockd holds what it must not"; exit 1; }
	@target/debug/anteroom bench airlock
	ANTEROOM_CALLS=$(CALLS) ANTEROOM_SPOKEN=$(SPOKEN) $(CARGO) test --test calls airlock -- --include-ignored --nocapture --test-threads 1

# The peers of the warehouse's tests: moto is an S3 server, DuckDB and boto3 read back what lies in it. PostgreSQL comes from
# Debian (postgresql-15); without one of them its tests say so and pass over.
warehouse-peers:
	@test -x target/moto/bin/moto_server || { mkdir -p target && python3 -m venv target/moto; }
	@target/moto/bin/pip install -q 'moto[server]==5.2.1' duckdb==2.0.1 boto3==1.44.8

# Works with the stable compiler; installs cargo-fuzz if it is missing. Takes a quarter of an hour. See docs/fuzz.md.
fuzz: packages
	fuzz/run.sh $(ARGS)
