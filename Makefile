# Everything a person or a machine does with this repository. What is not there yet is installed inside the checkout:
# crates into target/, Python tools into .venv*/. Nothing needs an account, a key or root.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

CARGO ?= cargo
ARCH ?= arm64
PYTHON ?= python3
# The linters ask for a Region although they call nobody, and report use unless told not to.
OFFLINE := AWS_DEFAULT_REGION=us-east-1 SAM_CLI_TELEMETRY=0

# need(program,what to install): stops with a sentence if the program is not there.
need = command -v $(1) >/dev/null || { echo "$(1) is missing: install $(2)" >&2; exit 1; }

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: tools
tools:
	@$(call need,$(CARGO),Rust 1.95 or newer from https://rustup.rs)
	@$(call need,git,git 2.30 or newer)
	@$(call need,$(PYTHON),Python 3.10 or newer)
	@command -v cc >/dev/null || command -v clang >/dev/null || { echo "cc is missing: install a C compiler (build-essential, gcc or the Xcode command line tools)" >&2; exit 1; }

## ---- Using it ---------------------------------------------------------------------------------------------------------------

.PHONY: run
run: tools ## Build, start everything on this machine, show the main job, keep serving until Ctrl-C
	$(CARGO) run --locked -p switchyard-local -- up --demonstrate

.PHONY: demo
demo: tools ## Show the main job and end: with 0 if it succeeded
	$(CARGO) run --quiet --locked -p switchyard-local -- demo

.PHONY: watch
watch: tools .venv-build/installed ## Like run, with functions that are built again when their code changes
	PATH="$(CURDIR)/.venv-build/bin:$$PATH" .ci/watch

## ---- Checking it ------------------------------------------------------------------------------------------------------------

.PHONY: test
test: tools ## Run every test
	$(CARGO) test --workspace --locked

.PHONY: check
check: fmt-check lint doc validate test contract ## Everything that has to hold before a change goes in

.PHONY: fmt
fmt: tools ## Format the code
	$(CARGO) fmt --all

.PHONY: fmt-check
fmt-check: tools
	$(CARGO) fmt --all --check

.PHONY: lint
lint: tools ## Lint the code
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

.PHONY: doc
doc: tools ## Build the documentation of all crates
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --locked

.PHONY: validate
validate: .venv/installed ## Lint and validate the template
	$(OFFLINE) .venv/bin/cfn-lint template.yaml
	$(OFFLINE) .venv/bin/sam validate --lint

.PHONY: contract
contract: tools .venv-emulator/installed ## Hold the local queues to what an independent emulator does
	PATH="$(CURDIR)/.venv-emulator/bin:$$PATH" .ci/contract

.PHONY: bench
bench: tools ## Measure what a job costs
	$(CARGO) bench --locked -p switchyard-tests

## ---- Building it ------------------------------------------------------------------------------------------------------------

.PHONY: build
build: tools .venv/installed .venv-build/installed ## Build the functions for Lambda with SAM; ARCH=x86_64 for the other processor
	$(OFFLINE) PATH="$(CURDIR)/.venv-build/bin:$$PATH" .venv/bin/sam build --beta-features \
		--parameter-overrides Architecture=$(ARCH) AllowedOwners=nobody

.PHONY: clean
clean: ## Remove what was built and the local stack's state, but not the Python tools
	rm -rf target .aws-sam .switchyard

# Python tools, pinned, each set in an environment of its own. The stamp is newer than the list it was made from.
.venv/installed: infra/python/requirements.txt
	@$(call install,.venv,$<)

.venv-build/installed: infra/python/build.txt
	@$(call install,.venv-build,$<)

.venv-emulator/installed: infra/python/emulator.txt
	@$(call install,.venv-emulator,$<)

define install
	$(call need,$(PYTHON),Python 3.10 or newer); \
	$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "$(PYTHON) cannot make environments: install python3-venv" >&2; exit 1; }; \
	echo "installing $(2) into $(1)"; \
	$(PYTHON) -m venv $(1); \
	$(1)/bin/pip install --quiet --disable-pip-version-check --requirement $(2); \
	touch $(1)/installed
endef
