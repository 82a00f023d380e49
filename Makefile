# Everything needs Go and a module proxy. e2e needs kpt, a Docker engine and a control plane besides.

BIN     := .bin
MODULES := . e2e
BUILDER := golang:1.26.8
FUZZ     := .
FUZZTIME := 10s
IMAGE   := mattermost-fn
VERSION :=

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "%-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## the command, as .bin/mattermost-fn
	go build -trimpath -o $(BIN)/mattermost-fn .

test: ## what Go and a module proxy can show: unit tests, examples by the real kustomize, the API server's own validation
	go test ./...
	cd e2e && go test -count=1 ./judge ./manners ./operator ./examples

e2e: ## the rest of the judges: kpt, containers, definitions that no Go module carries, a control plane (make control-plane)
	cd e2e && go test -count=1 -timeout 30m ./definitions ./contract ./kpt ./container ./controlplane

control-plane: ## etcd and kube-apiserver from their modules, a quarter of an hour the first time; nothing where KUBEBUILDER_ASSETS is set

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

bench: ## benchmarks of the product
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
kustomize      := sigs.k8s.io/kustomize/kustomize/v5
staticcheck    := honnef.co/go/tools/cmd/staticcheck

ifndef KUBEBUILDER_ASSETS
control-plane: $(BIN)/control-plane/etcd $(BIN)/control-plane/kube-apiserver
endif

# An API server that is not told its version takes itself for v0.0.0.
$(BIN)/control-plane/kube-apiserver: told = -X k8s.io/component-base/version.gitVersion=$$(go list -m -f '{{.Version}}' k8s.io/kubernetes)

$(BIN)/control-plane/%: tools/control-plane/%/go.mod tools/control-plane/%/go.sum
	cd tools/control-plane/$* && CGO_ENABLED=0 go build -trimpath -ldflags "-s -w $(told)" -o $(CURDIR)/$@ tool

$(BIN)/%: tools/go.mod tools/go.sum
	cd tools && go build -o $(CURDIR)/$@ $($*)

.PHONY: help build test e2e control-plane examples image generate fuzz bench lint format vet staticcheck generated vulnerabilities
