// SPDX-License-Identifier: Apache-2.0

// Package podvalidation compares the rules about pods with the API server's own validation code, and with the code
// that enforces pod security levels. It is a module of its own, since k8s.io/kubernetes requires that its parts are
// replaced.
package podvalidation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/apps"
	_ "k8s.io/kubernetes/pkg/apis/apps/install" // the conversions of Deployments
	_ "k8s.io/kubernetes/pkg/apis/core/install" // those of pods
	"k8s.io/kubernetes/pkg/registry/apps/deployment"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/e2e/operator"
	"bigbang.dev/mattermost-fn/fn"
	"bigbang.dev/mattermost-fn/generators"
	"bigbang.dev/mattermost-fn/internal/decode"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
)

// nothing is a list of resources without other objects.
type nothing struct{}

func (nothing) SecretKey(string, string, string) (string, plan.KeyState) {
	return "", plan.SecretMissing
}
func (nothing) ConfigMapKey(string, string, string) (string, plan.KeyState) {
	return "", plan.SecretMissing
}
func (nothing) Earlier(string, string, string, string, string) *resourcelist.Item {
	return nil
}
func (nothing) Foreign(string, string, string, string) *resourcelist.Item { return nil }

// errUndecodable: the configuration has a value of a wrong type, which no API server sees.
var errUndecodable = errors.New("cannot be decoded")

// Deployment is what the operator makes of a configuration, whatever the rules say of that.
func Deployment(config []byte) (*appsv1.Deployment, error) {
	node, err := yaml.Parse(string(config))
	if err != nil {
		return nil, err
	}
	decoded := &v1alpha1.MattermostConfig{}
	lines, problems := decode.Strict(node.YNode(), decoded)
	if len(problems) > 0 {
		return nil, fmt.Errorf("%w: %s", errUndecodable, problems[0].Message)
	}
	decoded.SetDefaults()
	given := func(field string) bool { _, given := lines[field]; return given }
	report := &result.Reporter{}
	for _, object := range generators.Generate(plan.New(decoded, given, nothing{}, report)) {
		if object.GetObjectKind().GroupVersionKind().Kind != "Mattermost" {
			continue
		}
		text, err := json.Marshal(object)
		if err != nil {
			return nil, err
		}
		mattermost := &unstructured.Unstructured{}
		if err := json.Unmarshal(text, &mattermost.Object); err != nil {
			return nil, err
		}
		installation, err := operator.Read(mattermost)
		if err != nil {
			return nil, err
		}
		return installation.Deployment(func(string) (map[string][]byte, bool) { return nil, false })
	}
	return nil, errors.New("no Mattermost is emitted")
}

// Refused returns why the API server, version 1.37, refuses a Deployment or drops a part of it; nil if it does not.
func Refused(given *appsv1.Deployment) error {
	versioned := given.DeepCopy()
	legacyscheme.Scheme.Default(versioned)
	internal := &apps.Deployment{}
	if err := legacyscheme.Scheme.Convert(versioned, internal, nil); err != nil {
		return err
	}
	before := internal.Spec.Template.DeepCopy()
	deployment.Strategy.PrepareForCreate(context.Background(), internal)
	if !reflect.DeepEqual(*before, internal.Spec.Template) {
		return errors.New("a field is dropped, because its feature is off")
	}
	return deployment.Strategy.Validate(context.Background(), internal).ToAggregate()
}

// Results returns what the function reports about a configuration.
func Results(config []byte) (fn.Results, error) {
	list := &fn.List{}
	if err := list.ReadFile("mattermost.yaml", config); err != nil {
		return nil, err
	}
	return fn.Process(list, time.Time{}), nil
}
