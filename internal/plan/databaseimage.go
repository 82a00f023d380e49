// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// databaseImage decides the image of the database in the cluster, empty for the operator's choice, and the user that it
// runs as. PostgreSQL must own its files and cannot read those of another major version. So a database that exists
// keeps its user, and its image where the default does not fit, unless the configuration sets them.
func (b *builder) databaseImage(group, kind string) (image string, user int64) {
	in := b.spec.Database.InCluster
	image = in.Image
	usual := in.PostgreSQLUser(b.Profile)
	existingImage, existingUser := "", int64(0)
	existing := b.existingDatabaseObject(group, kind)
	if existing != nil {
		existingImage, existingUser = ranBy(existing)
	}
	switch {
	case in.UserID != nil:
		user = *in.UserID
	case existingUser != 0:
		user = existingUser
	default:
		user = usual
	}
	fits := user == usual && majorVersion(existingImage) == majorVersion(image)
	if existing != nil && !fits && image != "" && !b.given("spec.database.inCluster.image") {
		image = existingImage
	}
	return image, user
}

// ranBy returns the image and the user of the database in a Cluster or StatefulSet; empty for the choice of
// CloudNativePG, and 0 for the user of the image.
func ranBy(existing *resourcelist.Item) (image string, user int64) {
	if containers := resourcelist.Field(existing.Node(), "spec", "template", "spec", "containers"); containers != nil {
		for _, container := range containers.Content {
			image = resourcelist.Text(resourcelist.Field(container, "image"))
			break
		}
		user, _ = strconv.ParseInt(resourcelist.Text(resourcelist.Field(existing.Node(), "spec", "template", "spec",
			"securityContext", "runAsUser")), 10, 64)
		return image, user
	}
	user, err := strconv.ParseInt(resourcelist.Text(resourcelist.Field(existing.Node(), "spec", "postgresUID")), 10, 64)
	if err != nil {
		user = v1alpha1.CloudNativePGUser
	}
	return resourcelist.Text(resourcelist.Field(existing.Node(), "spec", "imageName")), user
}

// majorVersion returns the number at the beginning of an image's tag; 0 for none.
func majorVersion(image string) int {
	_, tag, _ := v1alpha1.SplitImage(image)
	tag = strings.TrimPrefix(tag, "v")
	digits := strings.IndexFunc(tag+"x", func(r rune) bool { return r < '0' || r > '9' })
	number, _ := strconv.Atoi(tag[:digits])
	return number
}

// tagOf returns the tag of an image, empty if there is none or it cannot be a label.
func tagOf(image string) string {
	_, tag, _ := v1alpha1.SplitImage(image)
	if len(validation.IsValidLabelValue(tag)) > 0 {
		return ""
	}
	return tag
}

// podVersion returns the label app.kubernetes.io/version of pods, which Big Bang's policy require-labels wants
// (kyverno-policies 3.3.4-bb.20). Other profiles keep their pods as they are.
func (b *builder) podVersion(version string) string {
	if b.Profile == v1alpha1.ProfileCommunity {
		return ""
	}
	return version
}
