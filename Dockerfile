# SPDX-License-Identifier: Apache-2.0

# Builds the container image with docker and without Go on the host: one static binary, and the name of the user as which
# kustomize and kpt run it. `make image` builds the same image reproducibly from the same binary, with Go and without docker.
#
# Every RUN is in exec form, so that the builder image needs only Go, not even a shell.
ARG BUILDER=golang:1.26.8

FROM ${BUILDER} AS build
LABEL mattermost-fn.stage=build
ENV CGO_ENABLED=0
WORKDIR /src
COPY go.mod go.sum ./
RUN ["go", "mod", "download"]
COPY . .
ARG VERSION=
ENV GOFLAGS="'-ldflags=-s -w -X bigbang.dev/mattermost-fn/internal/cli.release=${VERSION}'"
RUN ["go", "build", "-trimpath", "-buildvcs=false", "-o", "/out/mattermost-fn", "."]

FROM scratch
ARG VERSION=
ARG REVISION=
LABEL org.opencontainers.image.title="mattermost-fn" \
      org.opencontainers.image.description="KRM function: one MattermostConfig becomes a complete Mattermost on Kubernetes" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY image/passwd /etc/passwd
COPY --from=build /out/mattermost-fn /usr/local/bin/mattermost-fn
USER nobody
ENTRYPOINT ["/usr/local/bin/mattermost-fn"]
