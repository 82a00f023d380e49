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

// readOnlyPaths reports directories that the server writes to and that are read-only: those of its image under a
// read-only mount, and those of settings, also on a read-only root file system.
func readOnlyPaths(s *subject) {
	files := s.fileSystem()
	for i, mount := range s.spec.Pod.VolumeMounts {
		at := path.Clean(mount.MountPath)
		if slices.Contains(program, at) || !s.isReadOnly(mount) {
			continue
		}
		for _, directory := range slices.Sorted(maps.Keys(plan.Writable(s.spec))) {
			if isBelow(directory, at) {
				s.errorf(index("spec.pod.volumeMounts", i)+".mountPath", "the server writes to %s, and this mount is read-only "+
					"(volumes of type configMap, secret, projected and downwardAPI always are); mount at another path, or a single "+
					"file with subPath", directory)
				break
			}
		}
	}
	var writable []string
	for _, directory := range slices.Sorted(maps.Keys(files)) {
		if files[directory] && directory != "/" {
			writable = append(writable, directory)
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
		mount := path.Clean(directory)
		for {
			if _, found := files[mount]; found { // at the latest that of /
				break
			}
			mount = path.Dir(mount)
		}
		switch {
		case files[mount]:
		case mount == "/":
			s.errorf(v.field, "%s%q is on the root file system of the servers, which is read-only; write a path below one of "+
				"%s, or add a volume with spec.pod.volumes and spec.pod.volumeMounts", v.prefix(), v.value,
				strings.Join(writable, ", "))
		default:
			s.errorf(v.field, "%s%q is on the volume at %s, which is read-only; write a path below one of %s", v.prefix(),
				v.value, mount, strings.Join(writable, ", "))
		}
	}
}

// isBelow reports whether a path is a directory, or below it.
func isBelow(name, directory string) bool {
	return strings.HasPrefix(name+"/", strings.TrimSuffix(directory, "/")+"/")
}

// fileSystem returns the directories where the root file system and the volumes of the server are mounted, each with
// whether the server can write to it.
func (s *subject) fileSystem() map[string]bool {
	files := map[string]bool{"/": !s.hasReadOnlyRoot()}
	for directory := range plan.Writable(s.spec) {
		files[directory] = true
	}
	if s.filesOnVolume() {
		files[plan.DataDirectory] = true
	}
	for _, mount := range s.spec.Pod.VolumeMounts {
		files[path.Clean(mount.MountPath)] = !s.isReadOnly(mount)
	}
	return files
}

// isReadOnly reports whether the server cannot write to a mount. The kubelet mounts volumes with objects of the API
// read-only, whatever the mount says (kubernetes, pkg/volume/configmap and its siblings: Attributes.ReadOnly).
func (s *subject) isReadOnly(mount corev1.VolumeMount) bool {
	at := slices.IndexFunc(s.spec.Pod.Volumes, func(v corev1.Volume) bool { return v.Name == mount.Name })
	if mount.ReadOnly || at < 0 {
		return mount.ReadOnly
	}
	source := s.spec.Pod.Volumes[at].VolumeSource
	return source.ConfigMap != nil || source.Secret != nil || source.Projected != nil || source.DownwardAPI != nil ||
		source.PersistentVolumeClaim != nil && source.PersistentVolumeClaim.ReadOnly ||
		source.CSI != nil && isTrue(source.CSI.ReadOnly)
}
