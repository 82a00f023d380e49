# Everything needs Go and a module proxy. e2e needs kpt and a Docker engine besides.

BIN     := .bin
MODULES := . e2e bench
BUILDER := golang:1.26.8
FUZZ     := .
FUZZTIME := 10s
IMAGE   := mattermost-fn
VERSION :=

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "%-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## the command, as .bin/mattermost-fn
	go build -trimpath -o $(BIN)/mattermost-fn .

test: ## what Go and a module proxy can show: unit tests, examples by the real kustomize, the API server's own validation
	go test ./...
	cd e2e && go test -count=1 ./judge ./manners ./examples

e2e: ## the rest of the judges: kpt, containers, definitions that no Go module carries
	cd e2e && go test -count=1 -timeout 30m ./definitions ./contract ./kpt ./container

examples: ## rewrite the expected output of every example; review the difference
	cd e2e && go test -count=1 ./examples -update

image: ## the container image, by docker
	docker build --force-rm --build-arg BUILDER=$(BUILDER) --build-arg VERSION=$(VERSION) --tag $(IMAGE) .

generate: $(BIN)/controller-gen ## the files that are generated from the sources
	go generate ./...

fuzz: ## every fuzz test for ten seconds; longer: make fuzz FUZZTIME=10m
	@for package in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
		for test in $$(sed -n 's/^func \(Fuzz[A-Za-z]*\)(.*/\1/p' $$package/*_test.go | grep -E '$(FUZZ)'); do \
			echo "$$package $$test"; go test -run '^$$' -fuzz "^$$test\$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
		done; \
	done

bench: bench-programs ## beside what people would use, in Markdown; flags by ARGS='-only startup,foreign', '-help' lists them
	$(BIN)/bench/bench $(ARGS)

bench-programs: # everything that is measured, built as releases are
	go build $(RELEASE) -o $(BIN)/bench/ .
	cd bench && go build $(RELEASE) -o $(CURDIR)/$(BIN)/bench/ ./...
	cd bench/helm && go build $(RELEASE) -o $(CURDIR)/$(BIN)/bench/ $(helm)
	cd tools && go build $(RELEASE) -o $(CURDIR)/$(BIN)/bench/ $(kustomize)

bench-programs: export CGO_ENABLED := 0
bench-programs: RELEASE := -trimpath -buildvcs=false -ldflags '-s -w'

benchmarks: ## the product's own benchmarks, in Go's format
	go test -run '^$$' -bench . -benchmem ./...

lint: format vet staticcheck generated ## everything that reads the sources without running them

format: ## gofmt has nothing to say
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "gofmt -w" $$unformatted; exit 1; }

vet: ## go vet, all modules
	for module in $(MODULES); do (cd $$module && go vet ./...) || exit 1; done

staticcheck: $(BIN)/staticcheck ## staticcheck, all modules
	for module in $(MODULES); do (cd $$module && $(CURDIR)/$< ./...) || exit 1; done

generated: $(BIN)/controller-gen ## what is generated is what the sources say
	@copy=$$(mktemp -d); trap 'rm -rf "$$copy"' EXIT; mkdir -p "$$copy/made/.bin"; \
	git ls-files -zco --exclude-standard | tar -c --null --ignore-failed-read -T - | tar -x -C "$$copy/made"; \
	cp -R "$$copy/made" "$$copy/kept"; cp $< "$$copy/made/.bin/"; \
	(cd "$$copy/made" && go generate ./...) && diff -ru --exclude=.bin "$$copy/kept" "$$copy/made" || { echo "make generate"; exit 1; }

vulnerabilities: $(BIN)/govulncheck ## known vulnerabilities in what is shipped
	$< ./...

controller-gen := sigs.k8s.io/controller-tools/cmd/controller-gen
govulncheck    := golang.org/x/vuln/cmd/govulncheck
helm           := helm.sh/helm/v3/cmd/helm
kustomize      := sigs.k8s.io/kustomize/kustomize/v5
staticcheck    := honnef.co/go/tools/cmd/staticcheck

$(BIN)/%: tools/go.mod tools/go.sum
	cd tools && go build -o $(CURDIR)/$@ $($*)

.PHONY: help build test e2e examples image generate fuzz bench bench-programs benchmarks lint format vet staticcheck generated vulnerabilities
