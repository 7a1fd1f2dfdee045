# Everything a newcomer needs is `make demo` and `make test`; both set themselves up.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

.PHONY: demo test check format bench lock clean

demo: $(READY) ## play a believable day through the real service and open the war room
	$(BIN)/badbuzz demo $(ARGS)

test: $(READY) ## run every test this machine can run, whole files beside each other; ARGS=-n0 runs one at a time
	$(BIN)/pytest --numprocesses=logical --maxprocesses=4 --dist=loadfile --no-loadscope-reorder $(ARGS)

check: $(READY) ## what pre-commit and CI ask of the code itself
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY) ## measure this machine; figures go to the README by hand, with their spread
	$(BIN)/badbuzz bench $(ARGS)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("badbuzz needs Python 3.11 or newer, and $(PYTHON) is " + sys.version.split()[0] + "; say for example: make PYTHON=python3.12 " + "$(MAKECMDGOALS)")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --no-deps --require-hashes --requirement requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(READY)

lock: ## after changing dependencies in pyproject.toml (needs uv)
	uv pip compile pyproject.toml --group dev --extra postgresql --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-emit-index-url --no-annotate --output-file requirements.lock

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
