// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"bigbang.dev/mattermost-fn/e2e/conventions"
	"bigbang.dev/mattermost-fn/e2e/harness"
	"bigbang.dev/mattermost-fn/e2e/operator"
)

// outputs are everything that is applied, by the name of what it comes from: the examples' expected output, and what
// the configurations of e2e/definitions make, which between them reach every kind.
func outputs(t *testing.T) map[string][]*unstructured.Unstructured {
	t.Helper()
	texts := map[string]string{}
	for _, example := range harness.Examples(t) {
		text, err := os.ReadFile(example.Expected())
		if err != nil {
			t.Fatal(err)
		}
		texts["examples/"+example.Name] = string(text)
	}
	files, err := filepath.Glob("../definitions/testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no configurations in ../definitions/testdata: %v", err)
	}
	for _, file := range files {
		run := harness.Command{}.Run(t, harness.MattermostFn(t), "render", file).MustSucceed(t)
		texts["definitions/"+filepath.Base(file)] = run.Stdout
	}

	objects := map[string][]*unstructured.Unstructured{}
	for name, text := range texts {
		if objects[name], err = conventions.Objects(text); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return objects
}

func TestOutputHoldsInACluster(t *testing.T) {
	c := running(t)
	outputs := outputs(t)
	for _, name := range slices.Sorted(maps.Keys(outputs)) {
		t.Run(name, func(t *testing.T) {
			objects := outputs[name]
			c.prepare(t, objects)
			applied := c.applyAll(t, objects)
			c.mustNotChange(t, applied, "applied a second time")

			pods := 0
			for _, object := range applied {
				made, err := c.reconcile(t, object.there)
				if err != nil {
					t.Errorf("%s: %v", describe(object.there), err)
					continue
				}
				pods += made
			}
			if pods == 0 {
				t.Error("no pod came of it")
			}
			c.mustNotChange(t, applied, "applied again after the operator has looked at it")
			t.Logf("%d objects, %d pods", len(applied), pods)
		})
	}
}

// application is an object as it was applied, and as the API server has kept it.
type application struct{ wanted, there *unstructured.Unstructured }

// applyAll applies objects one after the other, for as long as the test lasts.
func (c *cluster) applyAll(t *testing.T, objects []*unstructured.Unstructured) []application {
	t.Helper()
	var applied []application
	for _, object := range objects {
		there, err := c.apply(gitops, object)
		if err != nil {
			t.Errorf("%s: %v", describe(object), err)
		}
		if there == nil {
			continue
		}
		t.Cleanup(func() { c.remove(t, there) })
		if object.GetKind() == "PersistentVolumeClaim" {
			// A claim is stored once more at its first update, even if it changes nothing (Kubernetes 1.36). In
			// a cluster that is the volume controller's.
			if err := c.Update(context.Background(), there); err != nil {
				t.Error(err)
			}
		}
		applied = append(applied, application{object, there})
	}
	return applied
}

// mustNotChange applies everything again: nothing may conflict, and nothing may be written.
func (c *cluster) mustNotChange(t *testing.T, applied []application, when string) {
	t.Helper()
	for _, object := range applied {
		if err := c.unchanged(object); err != nil {
			t.Errorf("%s: %s: %v", describe(object.wanted), when, err)
		}
	}
}

func (c *cluster) unchanged(object application) error {
	before := object.there.DeepCopy()
	if err := c.Get(context.Background(), client.ObjectKeyFromObject(before), before); err != nil {
		return err
	}
	again, err := c.apply(gitops, object.wanted)
	if err != nil {
		return err
	}
	var changes []error
	if was, is := object.there.GetGeneration(), again.GetGeneration(); was != is {
		changes = append(changes, fmt.Errorf("generation %d has become %d", was, is))
	}
	if was, is := before.GetResourceVersion(), again.GetResourceVersion(); was != is {
		changes = append(changes, fmt.Errorf("resourceVersion %s has become %s", was, is))
	}
	return errors.Join(changes...)
}

func describe(object *unstructured.Unstructured) string {
	return fmt.Sprintf("%s %s %s/%s", object.GetAPIVersion(), object.GetKind(), object.GetNamespace(), object.GetName())
}

// reconcile makes what controllers make of an object, down to the pods, and says how many those are.
func (c *cluster) reconcile(t *testing.T, object *unstructured.Unstructured) (pods int, err error) {
	t.Helper()
	switch object.GroupVersionKind().GroupKind().String() {
	case "Mattermost.installation.mattermost.com":
		return c.reconcileMattermost(t, object)
	case "StatefulSet.apps":
		return 1, c.reconcileStatefulSet(t, object)
	}
	if _, template, _ := unstructured.NestedMap(object.Object, "spec", "template", "spec"); template &&
		object.GroupVersionKind().Group == appsv1.GroupName {
		return 0, errors.New("pods are made of it, and no test makes them")
	}
	return 0, nil
}

// reconcileMattermost does what the Mattermost operator does: it fills in defaults, then creates the ServiceAccount of
// the server's pods, the Service and the Deployments. The pods are created from the Deployments as the API server
// returns them.
func (c *cluster) reconcileMattermost(t *testing.T, mattermost *unstructured.Unstructured) (pods int, err error) {
	t.Helper()
	installation, err := operator.Read(mattermost)
	if err != nil {
		return 0, err
	}
	if err := c.writeBack(installation, mattermost); err != nil {
		return 0, fmt.Errorf("the operator writes to it: %w", err)
	}

	if account := installation.Account(); account != nil {
		if err := c.create(t, account); err != nil {
			return 0, err
		}
	} else {
		var account corev1.ServiceAccount
		if err := c.Get(context.Background(), client.ObjectKeyFromObject(mattermost), &account); err != nil {
			return 0, err
		}
		if _, ok := account.Annotations[operator.RoleAnnotation]; !ok { // any value, also none
			return 0, fmt.Errorf("the operator wants the annotation %s on ServiceAccount %s", operator.RoleAnnotation,
				account.Name)
		}
	}

	secrets := func(name string) (map[string][]byte, bool) {
		var secret corev1.Secret
		err := c.Get(context.Background(), client.ObjectKey{Namespace: mattermost.GetNamespace(), Name: name}, &secret)
		return secret.Data, err == nil
	}
	service, err := installation.Service()
	if err != nil {
		return 0, err
	}
	if err := c.create(t, service); err != nil {
		return 0, fmt.Errorf("its Service: %w", err)
	}
	for _, build := range []func(operator.Secrets) (*appsv1.Deployment, error){installation.Deployment,
		installation.JobServer} {
		deployment, err := build(secrets)
		if err != nil {
			return pods, err
		}
		if deployment == nil {
			continue
		}
		if err := c.create(t, deployment); err != nil {
			return pods, fmt.Errorf("its Deployment %s: %w", deployment.Name, err)
		}
		first := pod(deployment.Namespace, deployment.Name+"-0", deployment.Spec.Template)
		if first.Spec.PriorityClassName != "" {
			if err := c.createPriorityClass(t, first); err != nil {
				return pods, err
			}
		}
		if err := c.create(t, first); err != nil {
			return pods, fmt.Errorf("its pod %s-0: %w", deployment.Name, err)
		}
		pods++
	}
	return pods, nil
}

// createPriorityClass creates the class of a pod, which is a prerequisite, and waits until the API server admits pods
// of it: it learns of classes a moment later.
func (c *cluster) createPriorityClass(t *testing.T, of *corev1.Pod) error {
	t.Helper()
	class := &schedulingv1.PriorityClass{ObjectMeta: metav1.ObjectMeta{Name: of.Spec.PriorityClassName}, Value: 1000}
	if err := c.create(t, class); err != nil {
		return err
	}
	return wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, time.Minute, true,
		func(ctx context.Context) (bool, error) {
			err := c.Create(ctx, of.DeepCopy(), client.DryRunAll)
			return err == nil || !strings.Contains(err.Error(), "no PriorityClass"), nil
		})
}

// writeBack writes to a resource what the operator fills in, which must be there already: the fields that it writes, it
// takes from the applier.
func (c *cluster) writeBack(installation *operator.Installation, mattermost *unstructured.Unstructured) error {
	written, err := installation.WriteBack()
	if err != nil {
		return err
	}
	there, err := c.apply(operatorName, written)
	if err != nil {
		return err
	}
	if was, is := mattermost.GetGeneration(), there.GetGeneration(); was != is {
		return fmt.Errorf("generation %d has become %d", was, is)
	}
	return nil
}

// reconcileStatefulSet makes the first pod, with the claims that are made for it.
func (c *cluster) reconcileStatefulSet(t *testing.T, object *unstructured.Unstructured) error {
	t.Helper()
	var set appsv1.StatefulSet
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &set); err != nil {
		return err
	}
	first := pod(set.Namespace, set.Name+"-0", set.Spec.Template)
	first.Spec.Hostname, first.Spec.Subdomain = first.Name, set.Spec.ServiceName
	for _, claim := range set.Spec.VolumeClaimTemplates {
		first.Spec.Volumes = append(first.Spec.Volumes, corev1.Volume{Name: claim.Name, VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claim.Name + "-" + first.Name},
		}})
		claim = *claim.DeepCopy()
		claim.ObjectMeta = metav1.ObjectMeta{Namespace: set.Namespace, Name: claim.Name + "-" + first.Name,
			Labels: claim.Labels}
		if err := c.create(t, &claim); err != nil {
			return fmt.Errorf("its claim: %w", err)
		}
	}
	if err := c.create(t, first); err != nil {
		return fmt.Errorf("its pod: %w", err)
	}
	return nil
}

func pod(namespace, name string, template corev1.PodTemplateSpec) *corev1.Pod {
	template = *template.DeepCopy()
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: template.Labels,
			Annotations: template.Annotations},
		Spec: template.Spec,
	}
}
