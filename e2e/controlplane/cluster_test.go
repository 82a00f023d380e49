// SPDX-License-Identifier: Apache-2.0

// Package controlplane holds everything that is emitted against a real control plane: etcd and an API server that knows
// every definition the judges know. What is emitted is applied as people apply it, twice, and the pods that come of it
// are created in namespaces that enforce the restricted pod security standard.
package controlplane

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"bigbang.dev/mattermost-fn/e2e/apivalidation"
	"bigbang.dev/mattermost-fn/e2e/harness"
)

// Who writes, as the API server remembers it for each field.
const (
	gitops        = "gitops" // applies the output
	operatorName  = "mattermost-operator"
	administrator = "administrator" // maintains the cluster
)

// A cluster is an API server with its etcd, and nobody behind it: no controller acts on what is there, no scheduler, no
// kubelet. What they would make is made by the tests.
type cluster struct {
	client.Client
	warnings warnings
}

var (
	environment *envtest.Environment
	start       = sync.OnceValues(startCluster)
)

func TestMain(m *testing.M) {
	log.SetLogger(logr.Discard())
	code := m.Run()
	if environment != nil {
		if err := environment.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

func startCluster() (*cluster, error) {
	dir, err := harness.ControlPlane()
	if err != nil {
		return nil, err
	}
	definitions := apivalidation.New()
	if err := definitions.LoadModules(); err != nil {
		return nil, err
	}
	if err := definitions.LoadRepositories(harness.Root()); err != nil {
		return nil, err
	}

	environment = &envtest.Environment{
		UseExistingCluster: new(bool), // ignore USE_EXISTING_CLUSTER: no existing cluster is changed
		CRDInstallOptions:  envtest.CRDInstallOptions{CRDs: definitions.Definitions(), MaxTime: 5 * time.Minute},
		// Both answer within seconds, except where the machine does much else.
		ControlPlaneStartTimeout: 5 * time.Minute,
		ControlPlaneStopTimeout:  time.Minute,
	}
	plane := &environment.ControlPlane
	plane.Etcd = &envtest.Etcd{Path: dir + "/etcd"}
	plane.GetAPIServer().Path = dir + "/kube-apiserver"
	// envtest switches the admission of ServiceAccounts off, for the sake of tests that make none. Ours do, so that a pod
	// whose account is missing is refused as it is anywhere else.
	plane.GetAPIServer().Configure().Disable("disable-admission-plugins")
	config, err := environment.Start()
	if err != nil {
		return nil, err
	}
	c := &cluster{}
	config = rest.CopyConfig(config)
	config.WarningHandler = &c.warnings
	c.Client, err = client.New(config, client.Options{})
	return c, err
}

// running is the one cluster of all tests, started when the first asks for it.
func running(t *testing.T) *cluster {
	t.Helper()
	c, err := start()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// warnings are what the API server accepts and remarks upon.
type warnings struct {
	lock  sync.Mutex
	texts []string
}

// HandleWarningHeader keeps a warning.
func (w *warnings) HandleWarningHeader(_ int, _, text string) {
	w.lock.Lock()
	defer w.lock.Unlock()
	w.texts = append(w.texts, text)
}

// since are the warnings since the last call.
func (w *warnings) since() []string {
	w.lock.Lock()
	defer w.lock.Unlock()
	texts := w.texts
	w.texts = nil
	return texts
}

// apply is a strict server-side apply. It gives what is there afterwards. A warning is an error.
func (c *cluster) apply(manager string, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	body, err := object.MarshalJSON()
	if err != nil {
		return nil, err
	}
	c.warnings.since()
	there := object.DeepCopy()
	err = c.Patch(context.Background(), there, client.RawPatch(types.ApplyPatchType, body),
		client.FieldOwner(manager), client.FieldValidation(metav1.FieldValidationStrict))
	if err != nil {
		return nil, err
	}
	if warned := c.warnings.since(); len(warned) > 0 {
		return there, fmt.Errorf("the API server warns: %q", warned)
	}
	return there, nil
}

// create makes an object that some controller would make, for as long as the test lasts.
func (c *cluster) create(t *testing.T, object client.Object) error {
	t.Helper()
	c.warnings.since()
	if err := c.Create(context.Background(), object, client.FieldValidation(metav1.FieldValidationStrict)); err != nil {
		return err
	}
	t.Cleanup(func() { c.remove(t, object) })
	if warned := c.warnings.since(); len(warned) > 0 {
		return fmt.Errorf("the API server warns: %q", warned)
	}
	return nil
}

// remove deletes an object, so that the next test may make another of its name. A namespace stays, since only a
// controller could empty it: everything that was applied to it is taken back.
func (c *cluster) remove(t *testing.T, object client.Object) {
	t.Helper()
	if object.GetObjectKind().GroupVersionKind().Kind == "Namespace" {
		bare := &unstructured.Unstructured{}
		bare.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
		bare.SetName(object.GetName())
		if _, err := c.apply(gitops, bare); err != nil {
			t.Error(err)
		}
		return
	}
	if err := c.Delete(context.Background(), object, client.GracePeriodSeconds(0)); err != nil {
		t.Error(err)
		return
	}
	// What protects a claim in use from deletion would be taken off by a controller.
	free := client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`))
	if err := c.Patch(context.Background(), object, free); err != nil && !apierrors.IsNotFound(err) {
		t.Error(err)
	}
}

// prepare makes what an administrator has made before anything is applied: the namespaces of the objects, which enforce
// the restricted pod security standard, and what a controller then makes in each, the account of pods that name none.
func (c *cluster) prepare(t *testing.T, objects []*unstructured.Unstructured) {
	t.Helper()
	names := map[string]bool{}
	for _, object := range objects {
		if object.GetKind() == "Namespace" {
			names[object.GetName()] = true
		} else {
			names[object.GetNamespace()] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		namespace := &unstructured.Unstructured{}
		namespace.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
		namespace.SetName(name)
		// Pods are refused; the objects that pods are made of are warned about.
		namespace.SetLabels(map[string]string{"pod-security.kubernetes.io/enforce": "restricted",
			"pod-security.kubernetes.io/warn": "restricted"})
		account := &unstructured.Unstructured{}
		account.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("ServiceAccount"))
		account.SetNamespace(name)
		account.SetName("default")
		for _, object := range []*unstructured.Unstructured{namespace, account} {
			if _, err := c.apply(administrator, object); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
}
