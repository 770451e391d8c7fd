# memsize: how many bytes does this value hold?
#
#   make check       the quick half, for each edit: about a minute
#   make test        what CI runs: under 10 minutes on 2 processors
#   make test-modules  the nested modules, after make test in CI
#   make test-full   the long runs: random seeds, fuzzing
#   make bench       memsize beside the garbage collector and other walks, and beside encoding/gob
#   make speed       measure anew what docs/speed.md shows: about an hour
#   make testdata    make the snapshots anew (the same bytes each time)
#   make test-toolchains   the whole suite under each supported Go release
#   make test-next   what is exact, under the next Go release and its map layout, after make test in CI
#   make screenshots the pages as a person sees them, into docs/ (needs a browser)
#   make estimate-table  how often intervals of estimates hold, and how wide they are: docs/estimate.md
#   make docs        make the tables in docs/ anew from the committed figures
#   make golden      ask the real allocators and containers anew (installs them)

GO ?= go

# Figures of real software that are too large to commit; tests that use them say so without.
MEMSIZE_GOLDEN ?= $(abspath $(wildcard ../shared/golden))
MEMSIZE_SNAPSHOTS ?= $(abspath $(wildcard ../shared/snapshots))
export MEMSIZE_GOLDEN MEMSIZE_SNAPSHOTS

# How long property tests try random graphs, and fuzz targets new inputs.
SHORT = 2s
LONG = 10m
# What judges a change is the same each time, so that what fails is the change's own doing. New
# graphs are looked for by make test-full, whose seeds are the time; a test prints its seed.
SEED = 1
# How many random graphs of random types they try at least, however long that takes.
LEAST = 10000
FUZZ = 10m

QUICK = MEMSIZE_SEED=$(SEED) MEMSIZE_PROPERTY_TIME=$(SHORT)
# A busy machine may take longer than the ten minutes that go test gives a package.
TEST = $(QUICK) $(GO) test -short -timeout 30m

# Packages whose tests read runtime layouts or unsafe memory: they run under every checker.
UNSAFE = . ./walker/... ./rules ./account ./report/... ./internal/suite/...

# Modules of their own, which take minutes to build or bring dependencies that the library must not
# have. bench has a target of its own, for make test runs its tests as well.
MODULES = explore bench/libraries bench/libraries/heapdump prometheus examples/caches beam

.PHONY: check test-next test-modules test vet unit browser screenshots race checkptr portable plain distrust i386 i386-all cross test-full fuzz fuzz-shares test-toolchains bench speed testdata golden docs estimate-table notice

# The quick half, for each edit: about a minute on 2 quiet processors.
CHECK_PACKAGES = . ./rules ./malloc ./walker/... ./account ./report

check:
	@echo "check: build, vet and the quick tests, about a minute on 2 quiet processors"
	$(GO) build ./...
	$(GO) vet . ./rules ./walker/... ./account ./report
	MEMSIZE_SEED=$(SEED) MEMSIZE_PROPERTY_TIME=200ms $(GO) test -short $(CHECK_PACKAGES)

test: notice vet unit browser cross race checkptr portable plain distrust i386

notice:
	@echo "test: vet, unit, browser, cross builds, -race, checkptr, portable, plain, distrust, i386, in that"
	@echo "order; each names its packages as they pass. About 10 minutes on 2 quiet processors, and silent for"
	@echo "minutes in between: internal/suite is the longest. make check is the quick half."
ifeq ($(MEMSIZE_GOLDEN),)
	@echo "MEMSIZE_GOLDEN is not set: 120 real transactions and a block are NOT checked (the committed ones are)"
endif
ifeq ($(MEMSIZE_SNAPSHOTS),)
	@echo "MEMSIZE_SNAPSHOTS is not set: real and hostile gob files of others are NOT scanned (our own are)"
endif

vet:
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "run gofmt"; exit 1; }
	$(GO) vet ./... ./internal/testdata ./internal/testdata/generate
	cd bench && $(GO) vet ./...

unit:
	$(TEST) ./...
	cd bench && $(GO) test -short ./...

# The pages of package report in headless Chromium. MEMSIZE_BROWSER names one that is not in the PATH.
BROWSER = $(or $(MEMSIZE_BROWSER),$(shell for b in chromium chromium-browser google-chrome headless-shell; do \
	command -v $$b && break; done))

browser:
ifeq ($(BROWSER),)
	@echo "NO BROWSER: the pages are NOT tested; apt-get install chromium, or name one in MEMSIZE_BROWSER"
endif
	cd internal/browsertest && $(GO) vet ./... && MEMSIZE_BROWSER=$(BROWSER) $(GO) test -short ./...

screenshots:
	cd internal/browsertest && MEMSIZE_BROWSER=$(BROWSER) $(GO) test -count=1 -run TestScreenshots -screenshots ../../docs

cross:
	$(GO) test -timeout 30m -run TestCrossBuilds ./internal/suite

# What serves while others write.
SERVING = ./watch ./memsizehttp ./memsizetest ./examples/...

race:
	$(TEST) -race $(UNSAFE) $(SERVING)

checkptr:
	$(TEST) -gcflags=all=-d=checkptr $(UNSAFE)

portable:
	$(TEST) -tags memsize_portable $(UNSAFE)

# Each check of the running Go release is made to fail in turn: labels must follow.
CHECK = github.com/bitcoin-mem/memsize/internal/check

# Every optimisation of a walk off: no figure may change.
plain:
	$(TEST) -ldflags="-X github.com/bitcoin-mem/memsize/internal/variant.linked=plain" . ./internal/suite/...

distrust:
	set -e; for check in blocks pointers image maps channels waiters; do \
		$(QUICK) $(GO) test -count=1 -ldflags="-X $(CHECK).distrusted=$$check" \
			-run 'TestLabelsFollowChecks|TestHeapTruth|TestHolds' ./internal/suite/heap ./internal/check; \
	done

i386:
	GOARCH=386 CGO_ENABLED=0 $(TEST) $(UNSAFE) ./malloc ./snapshot/price

test-modules:
ifeq ($(shell command -v prometheus && command -v promtool),)
	@echo "NO PROMETHEUS: the metrics are NOT tested against a real one; apt-get install prometheus"
endif
	set -e; for module in $(MODULES); do \
		echo "test-modules: $$module"; \
		(cd $$module && $(GO) vet ./... && $(QUICK) $(GO) test -short -timeout 30m ./...); \
	done

RANDOM = MEMSIZE_PROPERTY_TIME=$(LONG) $(GO)
# Each has a process of its own: types that reflect makes are never collected, and slow a collection.
PROPERTIES = TestBriefAgainstSession TestHeapAgainstCollector TestHeapAgainstMemStats \
	TestModelledReportAddsUp TestRootsAgainstCollector TestRootsAgainstOracle TestWalkAgainstOracle
LONE = -count=1 -timeout 120m -v -run
CHECKED = TestBriefAgainstSession TestHeapAgainstCollector TestRootsAgainstCollector TestWalkAgainstOracle

# Every package as a 32-bit program, but for tests whose figures are those of a 64-bit host: Go's own
# layout in a table, a big.Int of twice as many words, and strings of which more are tiny.
i386-all:
	GOARCH=386 CGO_ENABLED=0 $(GO) test -short -timeout 30m \
		-skip 'TestSeveralFiles|TestRetypedFigures|TestDecodedHeap' ./...

test-full: test i386-all
	$(GO) test -count=1 -timeout 60m ./...
	set -e; for property in $(PROPERTIES); do \
		MEMSIZE_PROPERTY_LEAST=$(LEAST) $(RANDOM) test $(LONE) $$property ./internal/suite/... ; \
	done
	set -e; for property in $(CHECKED); do \
		$(RANDOM) test -race $(LONE) $$property ./internal/suite/... ; \
		$(RANDOM) test -gcflags=all=-d=checkptr $(LONE) $$property ./internal/suite/... ; \
	done
	MEMSIZE_LOAD=1m $(GO) test -race -count=1 -run TestUnderLoad -v ./memsizehttp
	MEMSIZE_LIMITS=1 $(GO) test -count=1 -timeout 60m -run 'TestHostileFiles|TestMemoryDoesNotGrow' -v ./cmd/memsize
	$(MAKE) fuzz

# An input that covers more is made smaller by default for up to a minute, in which nothing is found.
# Targets of formats count how many inputs get past parsing; their shares are shown at the end.
FUZZ_COUNTS = $(or $(TMPDIR),/tmp)/memsize-fuzz-counts

fuzz:
	rm -rf $(FUZZ_COUNTS) && mkdir $(FUZZ_COUNTS)
	set -e; for package in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep ^Fuzz); do \
			echo "fuzz $$package $$target"; \
			MEMSIZE_FUZZ_COUNTS=$(FUZZ_COUNTS) $(GO) test -run '^$$' -fuzz "^$$target\$$" \
				-fuzztime $(FUZZ) -fuzzminimizetime 20x $$package; \
		done; \
	done
	$(MAKE) fuzz-shares

fuzz-shares:
	@awk '{ tried[$$1] += $$2; parsed[$$1] += $$3 } END { for (target in tried) \
		printf "%-14s %9d inputs, %9d past parsing: %.0f %%\n", target, tried[target], \
			parsed[target], 100 * parsed[target] / tried[target] }' $(FUZZ_COUNTS)/* | sort

TOOLCHAINS = go1.26.8 go1.27.4

test-toolchains:
	set -e; for toolchain in $(TOOLCHAINS); do \
		GOTOOLCHAIN=$$toolchain $(QUICK) \
			$(GO) test -short -count=1 -timeout 30m ./...; \
	done

# The next release, and the layout of maps that it has as an experiment: figures stay exact there.
NEXT = go1.27.4
EXACT = TestGoRelease|TestHeapTruth|TestHeapAgainstDump|TestLabelsFollowChecks|TestExact|TestDocOfMaps|TestInsertedMaps

test-next:
	@if ! GOTOOLCHAIN=$(NEXT) $(GO) version >/dev/null 2>&1; then \
		echo "NO $(NEXT): it cannot be fetched here, so that the next release is NOT tested"; \
	else \
		set -e; for experiment in "" mapsplitgroup; do \
			echo "test-next: $(NEXT) $$experiment"; \
			GOEXPERIMENT=$$experiment GOTOOLCHAIN=$(NEXT) $(QUICK) $(GO) test -short -count=1 -timeout 30m \
				-run '$(EXACT)' ./internal/suite/heap ./internal/block ./internal/swiss; \
		done; \
	fi

estimate-table:
	$(GO) run ./internal/estimates -write docs/estimate.md

docs:
	$(GO) run ./internal/tables/allocators

bench:
	cd bench && $(GO) run ./zoo/cmd -out /tmp/memsize-zoo.json
	cd bench/libraries && $(GO) run . -in /tmp/memsize-zoo.json
	cd bench && $(GO) run .
	cd bench && $(GO) run ./gob && $(GO) run ./gob -flat

speed:
	cd bench && $(GO) run ./zoo/cmd -out /tmp/memsize-zoo.json
	cd bench/libraries && $(GO) run . -in /tmp/memsize-zoo.json -markdown ../../docs/speed.md -short ../../README.md
	cd bench && $(GO) run . -markdown ../docs/speed.md
	cd bench && $(GO) run . -growth ../docs/speed-growth.svg

testdata:
	$(GO) run ./internal/testdata/generate testdata

golden:
	$(MAKE) -C reference golden
