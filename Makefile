# SPDX-License-Identifier: Apache-2.0

# Everything needs Go and a module proxy. e2e also needs kpt, a Docker engine and a control plane.

BIN     := .bin
MODULES := . sdk e2e e2e/gitops e2e/externalsecrets e2e/podvalidation e2e/postgresql/client e2e/serverconfig/server bench tools tools/picture tools/server-license
FUZZ     := .
FUZZTIME := 10s
IMAGE   := mattermost-fn
VERSION :=
JUDGES  := kyverno istioctl
REVISION := $(shell git describe --always --dirty --abbrev=40 --match= 2>/dev/null)
RELEASE  := $(BIN)/release

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "%-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## the command, as .bin/mattermost-fn
	go build -trimpath -o $(BIN)/mattermost-fn .

test: ## unit tests, examples with the real kustomize, validation with the API server's own code
	go test ./...
	cd sdk && go test ./...
	cd e2e && go test -count=1 ./apivalidation ./conventions ./kubelet ./operator ./examples

race: ## the function from several goroutines, with the race detector; needs a C compiler
	CGO_ENABLED=1 go test -race -count=1 -run Concurrent ./fn
	cd sdk && CGO_ENABLED=1 go test -race -count=1 -run Concurrent ./...

e2e: postgresql judge ## all other end-to-end tests: kpt, containers, the expansion of the kubelet, definitions that no Go module carries, a control plane (make control-plane)
	cd e2e/gitops && go test -count=1 ./...
	cd e2e/externalsecrets && go test -count=1 ./...
	cd e2e/podvalidation && go test -count=1 ./...
	cd e2e && go test -count=1 -timeout 30m ./definitions ./expansion ./serverconfig ./luajit ./promtool ./contract ./kpt ./container ./controlplane

postgresql: ## both versions of lib/pq with a real PostgreSQL; skipped without Debian's package postgresql
	cd e2e/postgresql && go test -count=1 -timeout 30m

control-plane: ## etcd and kube-apiserver from their modules, 15 minutes the first time; does nothing if KUBEBUILDER_ASSETS is set

judges: $(JUDGES:%=$(BIN)/judges/%) ## command lines of Kyverno and Istio from their modules, 20 minutes the first time; without them their tests are skipped

judge: ## Kyverno and Istio judge every example, and what operators make of it, if `make judges` has built them
	cd e2e && go test -count=1 ./judges
	@for judge in $(JUDGES); do test -x $(BIN)/judges/$$judge || echo "not run: $$judge, which make judges builds"; done

examples: ## rewrite the expected output of every example; review the difference
	cd e2e && go test -count=1 ./examples -update

# Releases are reproducible: the same commit, VERSION and Go give the same bytes.
describe := -version '$(VERSION)' -revision '$(REVISION)'
platform  = linux/$1=$(BIN)/mattermost-fn-linux-$1

image: $(BIN)/image $(BIN)/mattermost-fn-linux-$(shell go env GOARCH) ## the container image for this machine, in docker
	$< $(describe) -tag $(IMAGE) -docker $(BIN)/docker.tar $(call platform,$(shell go env GOARCH))
	docker load --input $(BIN)/docker.tar && rm $(BIN)/docker.tar

release: $(BIN)/image $(BIN)/cyclonedx-gomod $(BIN)/mattermost-fn-linux-amd64 $(BIN)/mattermost-fn-linux-arm64 ## the image for registries, binaries, bills of materials and sums, in .bin/release
	@rm -rf $(RELEASE) && mkdir -p $(RELEASE) && cp $(wordlist 3,4,$^) $(RELEASE)
	$< $(describe) -oci $(RELEASE)/mattermost-fn-image.tar $(call platform,amd64) $(call platform,arm64)
	for binary in $(RELEASE)/mattermost-fn-linux-*; do \
		$(BIN)/cyclonedx-gomod bin -json -std -noserial -notimestamp -version $(or $(VERSION),v0.0.0) -output $$binary.cdx.json $$binary || exit 1; \
	done
	cd $(RELEASE) && sha256sum -- * >sha256sums && cat sha256sums

$(BIN)/mattermost-fn-linux-%: FORCE
	CGO_ENABLED=0 GOOS=linux GOARCH=$* go build -trimpath -buildvcs=false -ldflags '-s -w -X bigbang.dev/mattermost-fn/internal/cli.release=$(VERSION)' -o $@ .

$(BIN)/image: $(wildcard tools/image/*.go)
$(BIN)/thirdparty: $(wildcard tools/thirdparty/*.go)

generate: $(BIN)/controller-gen $(BIN)/go-licenses $(BIN)/thirdparty ## the files that are generated from the sources
	go generate ./...
	$(licensed) >docs/licenses.csv
	$(texts)

fuzz: ## every fuzz test for ten seconds; longer: make fuzz FUZZTIME=10m
	@for package in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
		for test in $$(sed -n 's/^func \(Fuzz[A-Za-z]*\)(.*/\1/p' $$package/*_test.go | grep -E '$(FUZZ)'); do \
			echo "$$package $$test"; go test -run '^$$' -fuzz "^$$test\$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
		done; \
	done

bench: bench-programs ## benchmarks against alternatives, in Markdown; flags by ARGS='-only startup,foreign', '-help' lists them
	$(BIN)/bench/bench $(ARGS)

bench-programs: # everything that is measured, built as releases are
	go build $(released) -o $(BIN)/bench/ .
	cd bench && go build $(released) -o $(CURDIR)/$(BIN)/bench/ ./...
	cd bench/helm && go build $(released) -o $(CURDIR)/$(BIN)/bench/ $(helm)
	cd tools && go build $(released) -o $(CURDIR)/$(BIN)/bench/ $(kustomize)

bench-programs: export CGO_ENABLED := 0
bench-programs: released := -trimpath -buildvcs=false -ldflags '-s -w'

benchmarks: ## the product's own benchmarks, in Go's format
	go test -run '^$$' -bench . -benchmem ./...

lint: format headers words golangci-lint generated licenses ## everything that reads the sources without running them

format: ## all files are formatted by gofmt
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "gofmt -w" $$unformatted; exit 1; }

headers: ## every source file names its license
	@missing=$$(git ls-files -co --exclude-standard '*.go' '*.sh' '*.lua' Dockerfile Makefile .ci/run | while read -r file; do \
		head -n 2 "$$file" | grep -qE '^(//|--|#) SPDX-License-Identifier: Apache-2\.0$$' || echo "$$file"; \
	done); test -z "$$missing" || { echo "SPDX-License-Identifier: Apache-2.0 is not in the first two lines of:" $$missing; exit 1; }

# Whole words that CONTRIBUTING.md replaces; the brackets keep them from matching here. Recorded output is kept.
words: ## no word of the project's earlier dialect is in any file
	@git grep --untracked -nwiE 'licen[c]e[sd]?|stand[s]|besid[e]|somebod[y]|whoeve[r]|for eve[r]' -- . \
		':!e2e/operator/testdata/recorded.txt' ':!e2e/kpt/testdata/earlier'; test $$? = 1 || { echo "CONTRIBUTING.md says what to write instead"; exit 1; }

golangci-lint: $(BIN)/golangci-lint ## go vet, staticcheck and the other linters of .golangci.yml, all modules
	@for module in $(MODULES); do \
		echo "golangci-lint $$module"; (cd $$module && $(CURDIR)/$< run --allow-serial-runners ./...) || failed=1; \
	done; test -z "$$failed"

generated: $(BIN)/controller-gen ## generated files are up to date
	@copy=$$(mktemp -d); trap 'rm -rf "$$copy"' EXIT; mkdir -p "$$copy/made/.bin"; \
	git ls-files -zco --exclude-standard | tar -c --null --ignore-failed-read -T - | tar -x -C "$$copy/made"; \
	cp -R "$$copy/made" "$$copy/kept"; cp $< "$$copy/made/.bin/"; \
	(cd "$$copy/made" && go generate ./...) && diff -ru --exclude=.bin "$$copy/kept" "$$copy/made" || { echo "make generate"; exit 1; }

vulnerabilities: $(BIN)/govulncheck ## known vulnerabilities in the release
	$< ./...

# Licenses that only require attribution.
LICENSES := Apache-2.0,BSD-2-Clause,BSD-3-Clause,ISC,MIT
quiet    := --legacy_stderr_threshold_behavior=false --stderrthreshold ERROR --ignore bigbang.dev/mattermost-fn
licensed  = GOOS=linux $(BIN)/go-licenses report $(quiet) --template tools/licenses.csv.tmpl . | LC_ALL=C sort -u

# The texts of all of them, for `mattermost-fn version --licenses`.
texts = rm -rf $(BIN)/licenses && GOOS=linux $(BIN)/go-licenses save $(quiet) --save_path $(BIN)/licenses . && \
	$(BIN)/thirdparty -saved $(BIN)/licenses -text "Go's standard library and runtime: LICENSE=$$(go env GOROOT)/LICENSE" \
		-text 'mattermost-fn: LICENSE=LICENSE' -o internal/thirdparty/licenses.gz

licenses: $(BIN)/go-licenses $(BIN)/thirdparty ## dependencies have acceptable licenses, and docs/licenses.csv lists them
	GOOS=linux $< check $(quiet) --allowed_licenses $(LICENSES) .
	$(licensed) | diff -u docs/licenses.csv - || { echo "make generate"; exit 1; }
	$(texts) -check || { echo "make generate"; exit 1; }

# go mod verify also looks for a download of this repository's own module, which others replace by a directory.
verify: ## downloaded modules match go.sum
	@mkdir -p $(BIN)
	for file in $(wildcard $(addsuffix /*.mod,$(MODULES) bench/helm tools/golangci-lint tools/control-plane/* tools/judges/*)); do \
		sed '/^\tbigbang.dev\/mattermost-fn v/d; /^replace bigbang.dev\/mattermost-fn /d' $$file >$(BIN)/verify.mod && cp $${file%.mod}.sum $(BIN)/verify.sum && \
		(cd $$(dirname $$file) && go mod verify -modfile=$(CURDIR)/$(BIN)/verify.mod) || exit 1; \
	done

controller-gen  := sigs.k8s.io/controller-tools/cmd/controller-gen
cyclonedx-gomod := github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod
go-licenses     := github.com/google/go-licenses/v2
govulncheck     := golang.org/x/vuln/cmd/govulncheck
helm            := helm.sh/helm/v3/cmd/helm
image           := bigbang.dev/mattermost-fn/tools/image
kustomize       := sigs.k8s.io/kustomize/kustomize/v5
thirdparty      := bigbang.dev/mattermost-fn/tools/thirdparty

ifndef KUBEBUILDER_ASSETS
control-plane: $(BIN)/control-plane/etcd $(BIN)/control-plane/kube-apiserver
endif

# Without a version, the API server reports v0.0.0.
$(BIN)/control-plane/kube-apiserver: version_flag = -X k8s.io/component-base/version.gitVersion=$$(go list -m -f '{{.Version}}' k8s.io/kubernetes)

$(BIN)/control-plane/%: tools/control-plane/%/go.mod tools/control-plane/%/go.sum
	cd tools/control-plane/$* && CGO_ENABLED=0 go build -trimpath -ldflags "-s -w $(version_flag)" -o $(CURDIR)/$@ tool

$(BIN)/judges/%: tools/judges/%/go.mod tools/judges/%/go.sum
	cd tools/judges/$* && CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o $(CURDIR)/$@ tool

$(BIN)/golangci-lint: tools/golangci-lint/go.mod tools/golangci-lint/go.sum
	cd tools/golangci-lint && go build -o $(CURDIR)/$@ tool

$(BIN)/%: tools/go.mod tools/go.sum
	cd tools && go build -o $(CURDIR)/$@ $($*)

.PHONY: help build test race e2e postgresql control-plane judges judge examples image release generate fuzz bench bench-programs benchmarks lint format headers words golangci-lint generated licenses vulnerabilities verify FORCE
