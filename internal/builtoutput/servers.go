// SPDX-License-Identifier: Apache-2.0

package builtoutput

import (
	"cmp"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
)

// serverCommand is how an init container runs the server's own image. Other containers have other images.
const serverCommand = "/mattermost/bin/mattermost"

const fixImage = "Set spec.image.repository, spec.image.digest or spec.version of the MattermostConfig instead of " +
	"kustomize's images:"

// images reports an image that was changed in one of the two places in which a Mattermost resource has it: the operator
// joins image and version.
func (o *output) images(object *object) {
	if !isServer(object.Item) {
		return
	}
	image, version := object.field("spec", "image"), object.field("spec", "version")
	if base := image[strings.LastIndex(image, "/")+1:]; strings.ContainsAny(base, ":@") && version != "" {
		o.report(object, result.Error, "spec.image", fixImage, "has the image %s, to which the operator appends the "+
			"version %s: "+
			"there is no such image", shown(image), shown(version))
		return
	}
	server := image + ":" + version
	if strings.HasPrefix(version, "sha256:") {
		server = image + "@" + version
	}
	for i, container := range elements(object, "spec", "podExtensions", "initContainers") {
		command := resourcelist.Field(container, "command")
		if command == nil || len(command.Content) == 0 || command.Content[0].Value != serverCommand {
			continue
		}
		if waits := resourcelist.Text(resourcelist.Field(container, "image")); waits != server && waits != "" {
			o.report(object, result.Warning, pathOf("spec.podExtensions.initContainers", i, ".image"), fixImage,
				"waits for the database with %s, but its servers run %s",
				shown(waits), shown(server))
		}
	}
}

// replicas reports a number of servers or databases for which nothing else in the output is made.
func (o *output) replicas(object *object) {
	count := object.field("spec", "replicas")
	switch {
	case count == "" || count == "0" || count == "1":
	case isServer(object.Item) && resourcelist.ServerVariable(object.Item, "MM_CLUSTERSETTINGS_ENABLE") != "true":
		o.report(object, result.Error, "spec.replicas", "Set spec.replicas of the MattermostConfig instead",
			"has %s replicas, but "+
				"MM_CLUSTERSETTINGS_ENABLE is not true: the servers do not know of each other, and users miss messages",
			shown(count))
	case object.Kind == "StatefulSet":
		o.report(object, result.Error, "spec.replicas", "Keep 1; for several servers use database.inCluster.engine: "+
			"cloudNativePG", "has %s replicas: each pod would be a database of its own, and messages are lost", shown(count))
	}
}

// duplicates reports two installations that users or Fluent Bit cannot tell apart, such as one configuration that is
// listed twice and renamed once.
func (o *output) duplicates() {
	sites, emitters := map[string]*object{}, map[string]*object{}
	once := func(seen map[string]*object, object *object, field, value, means string) {
		if first := seen[value]; value != "" && first != nil {
			o.report(object, result.Error, field, "List each MattermostConfig once, under generators:, and give each a host "+
				"of its own", "has %s, as %s has: %s", shown(strings.TrimPrefix(value, "https://")), first.ID, means)
		}
		seen[value] = object
	}
	for _, object := range o.objects {
		switch {
		case isServer(object.Item):
			once(sites, object, "spec.mattermostEnv", resourcelist.ServerVariable(object.Item, alwaysSet),
				"one site cannot have two installations, each with a database of its own")
		case object.Kind == "FluentBitConfig":
			once(emitters, object, "spec.service.emitterName", object.field("spec", "service", "emitterName"),
				"Fluent Bit does not start with two emitters of one name, and no log of the cluster is collected")
		}
	}
}

// elements returns the elements of a list in an object.
func elements(o *object, path ...string) []*yaml.Node {
	return cmp.Or(resourcelist.Field(o.Node(), path...), &yaml.Node{}).Content
}

// alwaysSet is a variable that every emitted Mattermost resource has.
const alwaysSet = "MM_SERVICESETTINGS_SITEURL"

// fixList says how to change a list of a custom resource.
const fixList = "Add to the list by a field of the MattermostConfig or its patches, or set openapi: in the " +
	"kustomization as in examples/overlays"

// lists reports lists of a Mattermost resource that a strategic merge patch replaced: kustomize knows no merge keys of
// custom resources, and so it removes all elements that the patch does not have.
func (o *output) lists(object *object) {
	if !isServer(object.Item) {
		return
	}
	if !slices.ContainsFunc(elements(object, "spec", "mattermostEnv"), func(variable *yaml.Node) bool {
		return resourcelist.Text(resourcelist.Field(variable, "name")) == alwaysSet
	}) {
		o.report(object, result.Error, "spec.mattermostEnv", fixList, "has no %s: a patch replaced the list, and the "+
			"configuration of the server is gone", alwaysSet)
	}
	// The operator adds these.
	volumes := map[string]bool{"mattermost-data": true, "mattermost-license": true}
	for _, volume := range elements(object, "spec", "volumes") {
		volumes[resourcelist.Text(resourcelist.Field(volume, "name"))] = true
	}
	for i, mount := range elements(object, "spec", "volumeMounts") {
		if name := resourcelist.Text(resourcelist.Field(mount, "name")); !volumes[name] {
			o.report(object, result.Error, pathOf("spec.volumeMounts", i, ".name"), fixList, "mounts the volume %s, which is "+
				"not in spec.volumes, so that the operator's Deployment is refused", shown(name))
		}
	}
}
