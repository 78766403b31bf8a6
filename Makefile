# SPDX-License-Identifier: Apache-2.0
#
# The menu. The build itself is CMake's (CMakeLists.txt, CMakePresets.json), the
# work is done by tools/; this file only gives it short names. "make help".

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := all
.PHONY: all demo test peers check asan tsan fuzz bench fmt lint clean help

# On a terminal ninja shows one moving line; elsewhere it keeps quiet.
NINJA := $(shell [ -t 1 ] || echo "-- --quiet")
JOBS ?= $(shell nproc)
T ?=
SECONDS ?= 60

# $(call build,PRESET[,NINJA TARGET...]): configures once, then builds.
define build
@[ -f build/$(1)/build.ninja ] || { echo "configuring build/$(1)"; \
	cmake --preset $(1) >build/$(1).log 2>&1 || \
	{ cat build/$(1).log; rm -rf build/$(1); false; }; }
@cmake --build build/$(1) $(if $(2),--target $(2)) $(NINJA)
endef

all: build/.deps-build ## the release binary: build/gatehouse
	$(call build,release,all)
	@if [ -x build/release/gatehouse ]; then \
		ln -sf release/gatehouse build/gatehouse; \
		echo "built build/gatehouse"; fi

demo: all ## an agent asks our example mesh six questions
	@python3 tools/demo.py

test: all ## all tests of the release build (set-up included)
	@ctest --preset release -j $(JOBS)

peers: all build/.deps-test ## official MCP clients against the binary
	@tests/peers/run.sh

check: ## everything that CI runs, from a clean build on
	@.ci/run

asan: build/.deps-build build/.deps-check ## tests with address and undefined-behaviour checks
	$(call build,asan,all)
	@ctest --preset asan -j $(JOBS)

tsan: build/.deps-build build/.deps-check ## tests with the data-race checker
	$(call build,tsan,all)
	@ctest --preset tsan -j $(JOBS)

fuzz: build/.deps-build build/.deps-check ## fuzz one parser, or all: T=json SECONDS=60
	@tools/fuzz.sh $(SECONDS) $(T)

bench: build/.deps-bench all ## measure, with a peer in the same table
	$(call build,release,benches)
	@bench/run.sh

fmt: build/.deps-check ## clang-format all C files
	@tools/check_format.sh --fix

lint: build/.deps-check all ## layers, globals, headers, format, tidy, banned words
	@tools/lint.sh

clean: ## remove build/
	@rm -rf build

help: ## this menu
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' \
		Makefile

# What each group of targets needs is installed once per clone, and asked for
# again when the list changes.
build/.deps-%: tools/deps.sh
	@tools/deps.sh $*
	@mkdir -p build
	@touch $@
