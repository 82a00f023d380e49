// The client of the tests with PostgreSQL, with the lib/pq that Mattermost 11.10 has. One program cannot hold two versions
// of a module: pq-1.10.9.mod is this file for the one before.
module bigbang.dev/mattermost-fn/e2e/postgresql/client

go 1.26.0

require github.com/lib/pq v1.12.3
