# The two commands a newcomer needs are `make demo` and `make test`; `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help demo test bench docs format lint clean
# What is passed on to the program: make demo ARGUMENTS="--corpus book.txt --steps 200"
ARGUMENTS ?=

help: ## List these commands
	@echo "OpenInfra: make COMMAND"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

demo: ## Set up, build, then train a small DeepSeek-style model, reload it and generate text
	@scripts/bootstrap demo
	@swift build -c release --product openinfra
	@.build/release/openinfra quickstart $(ARGUMENTS)

test: ## Set up, build, then run every test, snippet, example and check
	@scripts/test

bench: ## Measure this machine: GEMM against its peak, conversions against memcpy ...
	@scripts/bootstrap demo
	@swift build -c release --package-path Benchmarks --scratch-path .build/nested
	@.build/nested/release/openinfra-benchmarks $(ARGUMENTS)

docs: ## Build the documentation of all modules into .docs/
	@scripts/bootstrap docs
	@scripts/docs

format: ## Format all Swift files in place
	@git ls-files -z --cached --others --exclude-standard '*.swift' | xargs -0 swift format -i --parallel

lint: ## Check formatting, file rules and documents
	@scripts/lint

clean: ## Remove everything that was built
	@rm -rf .build .build-docs .docs Examples/.build Benchmarks/.build
