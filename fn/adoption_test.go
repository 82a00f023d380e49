// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"strings"
	"testing"
)

// An installation that is taken over keeps its files: a warning says which field of the configuration names them, and
// with that field nothing is emitted in their place.
func TestAdoptionKeepsFiles(t *testing.T) {
	const claimField = "spec.objectStorage.inCluster.existingClaim"
	for _, test := range []struct {
		name, fileStore string
		warning         string
		config          string // with which there is no warning
		want            string // of the Mattermost resource
	}{
		{
			"the operator's own claim", "local: {enabled: true, storageSize: 10Gi, accessModes: [ReadWriteOnce]}",
			`spec.fileStore is changed from "local" to "externalVolume", which MattermostConfig teams/chat ` +
				`requires. The uploaded ` +
				"files stay on the claim that the operator created: set " + claimField + ": chat",
			"  objectStorage: {inCluster: {existingClaim: chat}}\n", "volumeClaimName: chat}",
		},
		{
			"a claim of a chart", "externalVolume: {volumeClaimName: mattermost-team-edition}",
			`spec.fileStore.externalVolume.volumeClaimName is changed from "mattermost-team-edition" to "chat-files", which ` +
				"MattermostConfig teams/chat requires. To keep it, set " + claimField + ": mattermost-team-edition",
			"  objectStorage: {inCluster: {existingClaim: mattermost-team-edition}}\n",
			"volumeClaimName: mattermost-team-edition",
		},
		{
			"the operator's MinIO", "operatorManaged: {storageSize: 10Gi}",
			`spec.fileStore is changed from "operatorManaged" to "externalVolume", ` +
				`which MattermostConfig teams/chat requires. ` +
				"The uploaded files stay in the operator's MinIO: describe it in spec.objectStorage with the endpoint of the " +
				"Service of MinIOInstance chat-minio, bucket: chat, existingSecret: chat-minio",
			"  objectStorage: {endpoint: 'http://minio.teams.svc:9000', bucket: chat, existingSecret: chat-minio}\n",
			"secret: chat-minio}",
		},
		{
			"an S3 service", "external: {url: s3.example.com, bucket: files, secret: keys}",
			`spec.fileStore is changed from "external" to "externalVolume", which MattermostConfig teams/chat requires. The ` +
				"uploaded files stay in that S3 service: describe it in spec.objectStorage (endpoint, bucket, existingSecret)",
			"  objectStorage: {endpoint: 'https://s3.example.com', bucket: files, existingSecret: keys}\n", "secret: keys}",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			theirs := "apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\nmetadata: {name: chat, namespace: " +
				"teams}\nspec: {fileStore: {" + test.fileStore + "}}\n"
			before := run(list("", theirs, smallest))
			if !strings.Contains(before.errors, ": warning: Mattermost teams/chat: "+test.warning+"\n") {
				t.Errorf("got\n%s\nwant\n%s", before.errors, test.warning)
			}
			after := run(list("", theirs, smallest+test.config))
			if after.exit != 0 || strings.Contains(after.errors, ": warning: ") {
				t.Errorf("exit %d, got %s", after.exit, after.errors)
			}
			if got := item(t, after.out, "Mattermost teams/chat"); !strings.Contains(got, test.want) {
				t.Errorf("%q is not in\n%s", test.want, got)
			}
			if got := item(t, after.out, "PersistentVolumeClaim teams/chat-files"); got != "" {
				t.Errorf("emitted\n%s", got)
			}
		})
	}
}

// A claim of the user's is used as it is. The claim must allow what the configuration asks for.
func TestExistingClaim(t *testing.T) {
	theirs := "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: files, namespace: teams}\n" +
		"spec: {accessModes: [ReadWriteMany], resources: {requests: {storage: 1Ti}}} # NFS\n"
	config := smallest + "  replicas: 3\n  enterprise: {enabled: true, license: {uploaded: true}}\n" +
		"  objectStorage: {inCluster: {existingClaim: files, accessModes: [ReadWriteMany]}}\n"
	r := run(list("", theirs, config))
	if r.exit != 0 || strings.Contains(r.errors, "PersistentVolumeClaim") {
		t.Errorf("exit %d, got %s", r.exit, r.errors)
	}
	equal(t, "the claim", item(t, r.out, "PersistentVolumeClaim teams/files"), items(t, list("", theirs))[0])
	if got := item(t, r.out, "Mattermost teams/chat"); strings.Contains(got, "Recreate") ||
		!strings.Contains(got, "replicas: 3\n") {
		t.Errorf("got\n%s", got)
	}
	once := strings.Replace(theirs, "ReadWriteMany", "ReadWriteOnce", 1)
	equal(t, "the errors", errorLines(run(list("", once, config))), "MattermostConfig teams/chat: error: "+
		"spec.objectStorage.inCluster.accessModes: PersistentVolumeClaim files, "+
		"which is among the resources, has only the access "+
		"modes ReadWriteOnce: several servers cannot use it. Remove ReadWriteMany here, or name a claim that has it\n")
}

// Two installations cannot store their files on one claim, whether one emits it or not.
func TestSharedClaim(t *testing.T) {
	existing := func(name string) string { return "  objectStorage: {inCluster: {existingClaim: " + name + "}}\n" }
	for _, test := range []struct{ name, a, b, field, claim string }{
		{"two existing claims", existing("files"), existing("files"), "spec.objectStorage.inCluster.existingClaim", "files"},
		{"an emitted claim", "", existing("chat-files"), "spec.objectStorage.inCluster.existingClaim", "chat-files"},
		{"the claim that the other one emits", existing("talk-files"), "", "metadata.name", "talk-files"},
	} {
		r := run(list("", namedConfig("chat", "a.yaml", test.a), namedConfig("talk", "b.yaml", test.b)))
		equal(t, test.name+": the errors", errorLines(r), "b.yaml: error: "+test.field+
			": MattermostConfig teams/talk in b.yaml "+
			"and MattermostConfig teams/chat in a.yaml both use the PersistentVolumeClaim teams/"+test.claim+
			"; use a separate claim for each\n")
	}
	r := run(list("", namedConfig("chat", "a.yaml", existing("a")), namedConfig("talk", "b.yaml", existing("b"))))
	equal(t, "the errors with two claims", errorLines(r), "")
}
