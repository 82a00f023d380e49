# mattermost-fn as a container image: one static binary, and the name of the user that kustomize and kpt run it as.
# For those who have docker and no Go. `make image` makes the same of the same binary, and the same bytes every time.
#
# Every RUN is in exec form: a builder needs Go and nothing else, not even a shell.
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
