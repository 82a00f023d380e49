// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"maps"
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/internal/plan"
)

// hasReadOnlyRoot reports whether the root file system of the servers is read-only.
func (s *subject) hasReadOnlyRoot() bool {
	context := s.spec.Pod.ContainerSecurityContext
	return s.spec.Pod.ReadOnlyRootFilesystem || context != nil && isTrue(context.ReadOnlyRootFilesystem)
}

// writableDirectories reports directories of the server that are read-only and have no volume.
func writableDirectories(s *subject) {
	var missing []string
	for _, directory := range slices.Sorted(maps.Keys(plan.Writable(s.spec))) {
		if !slices.ContainsFunc(s.spec.Pod.VolumeMounts, func(m corev1.VolumeMount) bool {
			return path.Clean(m.MountPath) == directory
		}) {
			missing = append(missing, directory)
		}
	}
	if len(missing) > 0 {
		s.errorf("spec.pod.containerSecurityContext.readOnlyRootFilesystem", "the server writes to %s; "+
			"set spec.pod.readOnlyRootFilesystem: true instead, which adds volumes for them", strings.Join(missing, ", "))
	}
}

// writtenPath is a setting that names a file or directory that the server creates or writes to.
type writtenPath struct {
	variable string
	isFile   bool
	// toggle is the setting without which nothing is written; byDefault, whether it is on without a value.
	toggle    string
	byDefault bool
}

// writtenPaths are those of the server's own file system. The directories of imports and exports are in the file
// storage (server/channels/app/export.go).
var writtenPaths = []writtenPath{
	{"MM_SERVICESETTINGS_LOCALMODESOCKETLOCATION", true, "MM_SERVICESETTINGS_ENABLELOCALMODE", true},
	{"MM_LOGSETTINGS_FILELOCATION", false, "MM_LOGSETTINGS_ENABLEFILE", false},
	{"MM_EXPERIMENTALAUDITSETTINGS_FILENAME", true, "MM_EXPERIMENTALAUDITSETTINGS_FILEENABLED", false},
	{"MM_COMPLIANCESETTINGS_DIRECTORY", false, "MM_COMPLIANCESETTINGS_ENABLE", false},
	{"MM_PLUGINSETTINGS_DIRECTORY", false, "MM_PLUGINSETTINGS_ENABLE", true},
	{"MM_PLUGINSETTINGS_CLIENTDIRECTORY", false, "MM_PLUGINSETTINGS_ENABLE", true},
}

// readOnlyPaths reports paths in settings that are on the read-only root file system.
func readOnlyPaths(s *subject) {
	if !s.hasReadOnlyRoot() {
		return
	}
	writable := slices.Sorted(maps.Keys(plan.Writable(s.spec)))
	if s.filesOnVolume() {
		writable = append(writable, plan.DataDirectory)
	}
	for _, mount := range s.spec.Pod.VolumeMounts {
		if !mount.ReadOnly {
			writable = append(writable, path.Clean(mount.MountPath))
		}
	}
	for _, written := range writtenPaths {
		v, given := s.variable(written.variable)
		on, toggled := s.variable(written.toggle)
		if !given || !v.known || v.value == "" ||
			!written.byDefault && !toggled || toggled && on.known && !isOn(on.value) {
			continue
		}
		directory := v.value
		if written.isFile {
			directory = path.Dir(directory)
		}
		if !path.IsAbs(directory) {
			directory = path.Join(path.Dir(plan.DataDirectory), directory) // the server runs there
		}
		isIn := func(parent string) bool { return strings.HasPrefix(path.Clean(directory)+"/", parent+"/") }
		if !slices.ContainsFunc(writable, isIn) {
			s.errorf(v.field, "%s%q is on the root file system of the servers, which is read-only; write a path below one of "+
				"%s, or add a volume with spec.pod.volumes and spec.pod.volumeMounts", v.prefix(), v.value,
				strings.Join(writable, ", "))
		}
	}
}
