// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"slices"
	"strings"
	"testing"
)

// Stores of TestMovesOfData.
const (
	outsideDatabase = "  database: {host: a.example.com, username: chat, database: chat, password: Hunter2}\n"
	outsideFiles    = "  objectStorage: {endpoint: 'https://s3.example.com', bucket: bbb, accessKey: Hunter21, " +
		"accessSecret: Hunter22}\n"
	minioFiles = "  objectStorage: {inCluster: {engine: minio, accessKey: Hunter21, accessSecret: Hunter22}}\n"
	amazon     = "  objectStorage: {endpoint: 'https://s3.us-east-1.amazonaws.com', region: us-east-1, bucket: bbb, " +
		"accessKey: Hunter21, accessSecret: Hunter22}\n"
	azureFiles = "  version: '11.10.0'\n  objectStorage: {azure: {account: chatfiles, container: bbb, " +
		"accessKey: SHVudGVyMg==}}\n"
	plain        = "  database: {inCluster: {engine: statefulset, password: Hunter2}}\n"
	secretOfUser = "  database: {existingSecret: mine}\n"
)

// connectionSecret is a Secret of the user with a connection string.
func connectionSecret(name, connection string) string {
	return "apiVersion: v1\nkind: Secret\nmetadata: {name: " + name + ", namespace: teams}\nstringData:\n" +
		"  DB_CONNECTION_STRING: " + connection + "\n"
}

// A change of where messages or files are is one warning per store, in every direction: nothing copies them. The first
// run, an unchanged one and the run after the change have none, and no message contains a secret.
func TestMovesOfData(t *testing.T) {
	const mine = "postgres://chat:Hunter2@a.example.com:5432/chat?sslmode=require"
	for _, test := range []struct {
		name, before, after string
		objects             []string // of the user
		want                string   // part of the warning; empty for none
	}{
		{"another host", outsideDatabase, strings.Replace(outsideDatabase, "a.ex", "b.ex", 1), nil,
			"spec.database: the servers used database chat at a.example.com:5432 until now, and will use database chat at " +
				"b.example.com:5432. Nothing is copied: users will not see the existing messages and accounts."},
		{"another port", outsideDatabase, strings.Replace(outsideDatabase, "{host", "{port: 6432, host", 1), nil,
			"will use database chat at a.example.com:6432. Nothing is copied"},
		{"another database", outsideDatabase, strings.Replace(outsideDatabase, "database: chat", "database: talk", 1), nil,
			"will use database talk at a.example.com:5432. Nothing is copied"},
		{"another schema", outsideDatabase,
			strings.Replace(outsideDatabase, "{host", "{parameters: {search_path: talk}, host", 1), nil,
			"will use schema talk of database chat at a.example.com:5432. Nothing is copied"},
		{"another role", outsideDatabase, strings.Replace(outsideDatabase, "username: chat", "username: talk", 1), nil, ""},
		{"another password", outsideDatabase, strings.Replace(outsideDatabase, "Hunter2", "Hunter3", 1), nil, ""},
		{"another name of the host", strings.Replace(outsideDatabase, "a.example.com", "pg.teams.svc", 1),
			strings.Replace(outsideDatabase, "a.example.com", "PG", 1), nil, ""},
		{"a database into the cluster", outsideDatabase, "", nil,
			"spec.database: the servers used database chat at a.example.com:5432 until now, and will use database mattermost " +
				"of Cluster teams/chat-db, which starts empty. Nothing is copied"},
		{"a database into a StatefulSet", outsideDatabase, plain, nil,
			"will use database mattermost of StatefulSet teams/chat-db, which starts empty. Nothing is copied"},
		{"a database that is imported", outsideDatabase,
			"  database: {inCluster: {import: {host: a.example.com, database: chat, password: Hunter2}}}\n", nil, ""},
		{"a database out of the cluster", "", outsideDatabase, nil,
			"warning: Cluster teams/chat-db is kept, because it contains the database: MattermostConfig teams/chat no longer " +
				"needs it. It is yours now (annotation mattermost.bigbang.dev/retained-from). The servers will use database " +
				"chat at a.example.com:5432; nothing is copied (docs/storage.md, "},
		{"another Cluster", "", "  database: {inCluster: {name: chat-db-2}}\n", nil, "The servers will use database " +
			"mattermost of Cluster teams/chat-db-2, which starts empty; nothing is copied (docs/storage.md, "},
		{"from a StatefulSet to a Cluster", plain, "", nil, "The servers will use database mattermost of Cluster " +
			"teams/chat-db, which starts empty; nothing is copied (docs/storage.md, "},
		{"from a Cluster to a StatefulSet", "", plain, nil, "The servers will use database mattermost of StatefulSet " +
			"teams/chat-db, which starts empty; nothing is copied (docs/storage.md, "},
		{"to a Secret with another database", outsideDatabase, secretOfUser,
			[]string{connectionSecret("mine", strings.Replace(mine, "a.ex", "b.ex", 1))},
			"will use database chat at b.example.com:5432. Nothing is copied"},
		{"to a Secret with the same database", outsideDatabase, secretOfUser, []string{connectionSecret("mine", mine)}, ""},
		{"to a Secret that only the cluster has", outsideDatabase, secretOfUser, nil,
			"will use the database that Secret teams/mine names. Nothing is copied"},
		{"to another Secret", secretOfUser, strings.Replace(secretOfUser, "mine", "other", 1), nil,
			"the servers used the database that Secret teams/mine names until now, and will use the database that Secret " +
				"teams/other names. Nothing is copied"},

		{"another bucket", outsideFiles, strings.Replace(outsideFiles, "bbb", "ccc", 1), nil,
			"spec.objectStorage: the servers used bucket bbb at s3.example.com until now, and will use bucket ccc at " +
				"s3.example.com. Nothing is copied: users will not see the existing uploaded files."},
		{"another endpoint", outsideFiles, strings.Replace(outsideFiles, "s3.ex", "s4.ex", 1), nil,
			"will use bucket bbb at s4.example.com. Nothing is copied"},
		{"another scheme", outsideFiles, strings.Replace(outsideFiles, "https://s3.example.com", "http://s3.example.com:80",
			1), nil, ""},
		{"another path", outsideFiles, strings.Replace(outsideFiles, "{endpoint", "{pathPrefix: talk, endpoint", 1), nil,
			"will use bucket bbb/talk at s3.example.com. Nothing is copied"},
		{"another region", amazon, strings.ReplaceAll(amazon, "us-east-1", "us-west-2"), nil, ""},
		{"another bucket of Amazon", amazon, strings.Replace(amazon, "bbb", "ccc", 1), nil,
			"will use bucket ccc at s3.us-east-1.amazonaws.com. Nothing is copied"},
		{"files onto a volume", outsideFiles, "", nil,
			"spec.objectStorage: the servers used bucket bbb at s3.example.com until now, and will use PersistentVolumeClaim " +
				"teams/chat-files, which starts empty. Nothing is copied"},
		{"files into MinIO", outsideFiles, minioFiles, nil,
			"of Tenant teams/chat-files, which starts empty. Nothing is copied"},
		{"files out of the cluster", "", outsideFiles, nil, "warning: PersistentVolumeClaim teams/chat-files is kept, " +
			"because it contains the uploaded files: MattermostConfig teams/chat no longer needs it. It is yours now " +
			"(annotation mattermost.bigbang.dev/retained-from). The servers will use bucket bbb at s3.example.com; nothing " +
			"is copied (docs/storage.md, "},
		{"files from a volume to MinIO", "", minioFiles, nil,
			"of Tenant teams/chat-files, which starts empty; nothing is copied"},
		{"files from MinIO to a volume", minioFiles, "", nil,
			"The servers will use PersistentVolumeClaim teams/chat-files, which starts empty; nothing is copied"},
		{"another claim", "", "  objectStorage: {inCluster: {existingClaim: other}}\n", nil,
			"The servers will use PersistentVolumeClaim teams/other; nothing is copied"},
		{"from one existing claim to another", "  objectStorage: {inCluster: {existingClaim: one}}\n",
			"  objectStorage: {inCluster: {existingClaim: two}}\n", nil, "the servers used PersistentVolumeClaim teams/one " +
				"until now, and will use PersistentVolumeClaim teams/two. Nothing is copied"},
		{"another container", azureFiles, strings.Replace(azureFiles, "bbb", "ccc", 1), nil, "the servers used Azure " +
			"container bbb at chatfiles.blob.core.windows.net until now, and will use Azure container ccc at"},
		{"another account", azureFiles, strings.Replace(azureFiles, "chatfiles", "talkfiles", 1), nil,
			"will use Azure container bbb at talkfiles.blob.core.windows.net. Nothing is copied"},
	} {
		t.Run(test.name, func(t *testing.T) {
			first := run(list("", inKpt(t, append([]string{smallest + test.before}, test.objects...)...)...))
			if first.exit != 0 || len(moveLines(first)) > 0 {
				t.Fatalf("the first run: exit %d, got %s", first.exit, first.errors)
			}
			given := items(t, first.out)
			if r := run(list("", given...)); len(moveLines(r)) > 0 ||
				!slices.Equal(items(t, r.out), given) {
				t.Errorf("an unchanged run: got %s", r.errors)
			}
			given[1] = inKpt(t, smallest+test.after)[1]
			r := run(list("", given...))
			if r.exit != 0 {
				t.Fatalf("exit %d, got %s", r.exit, r.errors)
			}
			lines := moveLines(r)
			if test.want == "" && len(lines) > 0 ||
				test.want != "" && (len(lines) != 1 || !strings.Contains(lines[0], test.want)) {
				t.Errorf("got %q, want %q", lines, test.want)
			}
			if strings.Contains(r.errors, "Hunter") || strings.Contains(r.errors, "SHVudGVy") {
				t.Errorf("a secret is in %s", r.errors)
			}
			if again := run(r.out); len(moveLines(again)) > 0 {
				t.Errorf("the run after it: got %s", again.errors)
			}
		})
	}
}

// moveLines returns the warnings about data that is not copied.
func moveLines(r outcome) []string {
	return slices.DeleteFunc(strings.Split(r.errors, "\n"), func(line string) bool {
		return !strings.Contains(line, "warning: ") || !strings.Contains(strings.ToLower(line), "othing is copied")
	})
}

// A store that was used before has the data of then, not that of the place in between.
func TestMoveBack(t *testing.T) {
	inside := rendered(t, smallest)
	out := slices.Clone(inside)
	out[1] = inKpt(t, smallest+outsideDatabase+outsideFiles)[1]
	r := run(list("", out...))
	if lines := moveLines(r); len(lines) != 2 {
		t.Fatalf("exit %d, got %s", r.exit, r.errors)
	}
	back := items(t, r.out)
	back[1] = inside[1]
	r = run(list("", back...))
	lines := moveLines(r)
	if len(lines) != 2 {
		t.Fatalf("exit %d, got %s", r.exit, r.errors)
	}
	for _, line := range lines {
		if !strings.Contains(line, ", which exists already and lacks what was written elsewhere. Nothing") {
			t.Errorf("got %s", line)
		}
	}
}
