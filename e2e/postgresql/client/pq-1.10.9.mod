// go.mod with the lib/pq of Mattermost before 11.10, for go build -modfile.
module bigbang.dev/mattermost-fn/e2e/postgresql/client

go 1.26.0

require github.com/lib/pq v1.10.9
