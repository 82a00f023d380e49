// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// kptPackage is a package that a user edits, item by item. The first item is the Kptfile, config the configuration,
// which may be absent.
type kptPackage struct {
	t       *testing.T
	items   []string
	config  string
	serial  int
	history []string
}

// edit changes the package as users do, at random.
func (p *kptPackage) edit(random *rand.Rand) {
	edits := []struct {
		name string
		do   func()
	}{
		{"switch a feature", func() { p.config = p.feature(random) }},
		{"switch a feature again", func() { p.config = p.feature(random) }},
		{"rename the configuration", func() { p.replaceInConfig("name: chat\n", "name: talk\n") }},
		{"rename it back", func() { p.replaceInConfig("name: talk\n", "name: chat\n") }},
		{"rename it on purpose", func() {
			if strings.Contains(p.config, "renamed-from") {
				return
			}
			name := []string{"chat", "talk"}[random.IntN(2)]
			p.replaceInConfig("  annotations:\n", "  annotations:\n    mattermost.bigbang.dev/renamed-from: teams/"+name+"\n")
		}},
		{"change the namespace", func() { p.replaceInConfig("namespace: teams\n", "namespace: ops\n") }},
		{"misspell the kind", func() { p.replaceInConfig("kind: MattermostConfig\n", "kind: MattermostConfg\n") }},
		{"misspell the group", func() { p.replaceInConfig("mattermost.bigbang.dev/v1", "mattermost.bigbang.dv/v1") }},
		{"comment the configuration out", func() { p.config = "" }},
		{"write a new configuration", func() { p.config = inKpt(p.t, smallest)[1] }},
		{"copy an object", func() { p.copyOne(random) }},
		{"move an object", func() { p.moveOne(random, "elsewhere") }},
		{"move an object into another package", func() { p.moveOne(random, "inner") }},
		{"set the namespace after the run", func() { p.setNamespace("ops") }},
		{"set it back", func() { p.setNamespace("teams") }},
		{"take an object over", func() { p.takeOver(random) }},
	}
	chosen := edits[random.IntN(len(edits))]
	p.history = append(p.history, chosen.name)
	chosen.do()
}

func (p *kptPackage) replaceInConfig(old, new string) {
	p.config = strings.Replace(p.config, old, new, 1)
}

func (p *kptPackage) feature(random *rand.Rand) string {
	features := []string{
		"", "  namespace: {create: true}\n", "  route: {type: none}\n",
		"  database: {host: db.example.com, password: secret}\n",
		"  database: {host: db.example.com, password: {externalSecret: {store: {name: vault}, key: chat}}}\n",
		"  database: {inCluster: {engine: statefulset, password: secret}}\n",
		"  database: {inCluster: {engine: statefulset, generatePassword: true}}\n",
		"  database: {inCluster: {instances: 3}}\n", "  database: {inCluster: {storage: {size: 5Gi}}}\n",
		"  objectStorage: {endpoint: https://s3.example.com, bucket: files, accessKey: a, accessSecret: b}\n",
		"  objectStorage: {inCluster: {engine: minio, accessKey: aaaa, accessSecret: bbbbbbbb}}\n",
		"  deletionProtection: false\n", "  networkPolicies: {enabled: true}\n",
	}
	return inKpt(p.t, smallest+features[random.IntN(len(features))])[1]
}

func (p *kptPackage) pick(random *rand.Rand) int {
	if len(p.items) < 2 {
		return -1
	}
	return 1 + random.IntN(len(p.items)-1)
}

func (p *kptPackage) copyOne(random *rand.Rand) {
	if at := p.pick(random); at > 0 {
		p.serial++
		copied := yaml.MustParse(p.items[at])
		must(p.t, copied.SetName(fmt.Sprintf("copy-%d", p.serial)))
		must(p.t, copied.PipeE(yaml.SetAnnotation(path, fmt.Sprintf("copies/%d.yaml", p.serial))))
		p.items = append(p.items, asText(p.t, copied.YNode()))
	}
}

func (p *kptPackage) moveOne(random *rand.Rand, directory string) {
	if at := p.pick(random); at > 0 {
		p.serial++
		moved := yaml.MustParse(p.items[at])
		must(p.t, moved.PipeE(yaml.SetAnnotation(path, fmt.Sprintf("%s/%d.yaml", directory, p.serial))))
		p.items[at] = asText(p.t, moved.YNode())
	}
}

func (p *kptPackage) setNamespace(namespace string) {
	for i := range p.items[1:] {
		object := yaml.MustParse(p.items[1+i])
		if object.GetNamespace() != "" {
			must(p.t, object.SetNamespace(namespace))
			p.items[1+i] = asText(p.t, object.YNode())
		}
	}
}

func (p *kptPackage) takeOver(random *rand.Rand) {
	if at := p.pick(random); at > 0 {
		p.items[at] = withoutLine(p.items[at], ownership.AnnotationOwner)
	}
}

const path = "internal.config.kubernetes.io/path"

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// list returns the package as kpt sends it.
func (p *kptPackage) list() string {
	all := slices.Clone(p.items)
	if p.config != "" {
		all = slices.Insert(all, 1, p.config)
	}
	return list("", all...)
}

// holders returns the objects with data, by kind and place: name and namespace of a moved object may change back.
func (p *kptPackage) holders(text string) []string {
	var found []string
	for _, text := range items(p.t, text) {
		item := resourcelist.NewItem(yaml.MustParse(text).YNode())
		if slices.Contains([]string{"Cluster", "Namespace", "PersistentVolumeClaim", "StatefulSet", "Tenant"}, item.Kind) {
			found = append(found, fmt.Sprint(item.Kind, " ", item.File, " ", item.Index))
		}
	}
	return found
}

// After any sequence of edits, a run removes no object with data, and a second run changes nothing.
func TestEditsNeverRemoveData(t *testing.T) {
	removed, rejected, handedOver := 0, 0, 0
	for seed := range uint64(10) {
		random := rand.New(rand.NewPCG(seed, 11))
		p := &kptPackage{t: t, items: inKpt(t)[:1], config: inKpt(t, smallest)[1]}
		p.items = append(p.items, annotated(t, annotated(t, "apiVersion: kpt.dev/v1\nkind: "+
			"Kptfile\nmetadata: {name: inner}\n",
			path, "inner/Kptfile"), "internal.config.kubernetes.io/index", "0"))
		for step := range 25 {
			if step > 0 {
				p.edit(random)
			}
			input := p.list()
			r := run(input)
			before, after := p.holders(input), p.holders(r.out)
			for _, holder := range before {
				if !slices.Contains(after, holder) {
					t.Fatalf("seed %d: %s was removed after %q; got %s", seed, holder, p.history, r.errors)
				}
			}
			if r.exit != 0 {
				rejected++
				equal(t, "the output of a rejected run", strings.Join(items(t, r.out), "---\n"),
					strings.Join(items(t, input), "---\n"))
				p.config = inKpt(t, smallest)[1]
				continue
			}
			if len(retained(t, r.out)) > 0 {
				handedOver++
			}
			if strings.Contains(r.errors, "removed") {
				removed++
			}
			again := run(r.out)
			if again.exit != 0 {
				t.Fatalf("seed %d: the second run after %q: exit %d, got %s", seed, p.history, again.exit, again.errors)
			}
			equal(t, fmt.Sprintf("seed %d: the second run after %q", seed, p.history),
				strings.Join(items(t, again.out), "---\n"), strings.Join(items(t, r.out), "---\n"))
			p.items = items(t, r.out)
			if p.config != "" {
				p.config = p.items[1]
				p.items = slices.Delete(p.items, 1, 2)
			}
		}
	}
	if removed < 10 || rejected < 10 || handedOver < 10 {
		t.Errorf("%d runs removed objects, %d were rejected, %d had handed-over objects: too few to show anything",
			removed, rejected, handedOver)
	}
	t.Logf("%d runs removed objects, %d were rejected, %d had handed-over objects", removed, rejected, handedOver)
}
