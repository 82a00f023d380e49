// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"syscall"

	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/kio"

	"bigbang.dev/mattermost-fn/fn"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// maxInput limits what a command reads, all files together, and so its memory: YAML takes up to 60 times its size. A
// package with a hundred installations of Enterprise Tier has half of it.
const maxInput = 32 << 20

// input reads the files that a command was given. A repository that someone else writes to can contain symbolic links,
// named pipes and endless files. So only regular files are read; links are followed only within the directory that was
// given, or that contains the file that was given; and there is a limit.
type input struct {
	stdin io.Reader
	// left is how many bytes may still be read.
	left int64
	// seen are the files of the directory that was read.
	seen []os.FileInfo
	// invalid contains an error for each file that is not valid YAML.
	invalid fn.Results
	// follower follows kustomizations; nil until there is one. built contains those that were named.
	follower *follower
	built    []*target
}

func newInput(streams ioStreams) *input { return &input{stdin: streams.in, left: maxInput} }

// close removes the copies of kustomizations.
func (in *input) close() {
	if in.follower != nil {
		in.follower.remove()
	}
}

// add adds the objects of the named YAML files to a list, except of files that were read already. Of a directory it
// adds the configurations of its kustomization, or its kpt package, otherwise the files directly in it; "-" is standard
// input.
func (in *input) add(list *fn.List, names []string) error {
	for _, name := range names {
		directory, files := filepath.Dir(name), []string{filepath.Base(name)}
		if info, err := os.Stat(name); name != "-" && err == nil && info.IsDir() {
			directory = name
			switch {
			case kustomizationIn(name) != "":
				if err := in.kustomization(list, name); err != nil {
					return err
				}
				continue
			case isPackage(name):
				files, err = in.packageFiles(name)
			default:
				files, err = yamlFiles(name)
			}
			if err != nil {
				return err
			}
		}
		for _, file := range files {
			path := name
			if directory == name {
				path = filepath.Join(name, file)
			}
			data, info, err := in.read(directory, file, path)
			if err != nil {
				return err
			}
			if info != nil && slices.ContainsFunc(in.seen, func(other os.FileInfo) bool { return os.SameFile(info, other) }) {
				continue
			}
			if err := in.parse(list, path, data); err != nil {
				return err
			}
		}
	}
	return nil
}

// kustomization adds the configurations of a kustomization to a list.
func (in *input) kustomization(list *fn.List, directory string) error {
	if in.follower == nil {
		in.follower = newFollower(in)
	}
	added := len(in.follower.configurations)
	t, err := in.follower.follow(directory)
	if err == nil {
		in.built = append(in.built, t)
		err = in.follower.configurationsOf(t, list, added)
	}
	return in.keepInvalid(err)
}

// isPackage reports whether a directory is a kpt package.
func isPackage(directory string) bool {
	_, err := os.Lstat(filepath.Join(directory, kptfile))
	return err == nil
}

// parse adds the objects of a file to a list. It keeps an error about the content of the file, so that the mistakes of
// all files are reported at once.
func (in *input) parse(list *fn.List, path string, data []byte) error {
	return in.keepInvalid(list.ReadFile(path, data))
}

// keepInvalid keeps an error about the content of a file, and returns any other.
func (in *input) keepInvalid(err error) error {
	var invalid *resourcelist.FileError
	if errors.As(err, &invalid) {
		in.invalid = append(in.invalid, fn.Result{
			Severity: fn.Error, File: invalid.File, Line: invalid.Line, Message: invalid.Message,
		})
		return nil
	}
	return err
}

// readDirectory reads what kpt would read in a directory and below: YAML, JSON and Kptfiles, except for what a
// .krmignore lists. Then it reads the named files that are not below the directory.
func readDirectory(streams ioStreams, directory string, names []string) (*fn.List, fn.Results, error) {
	if info, err := os.Stat(directory); err != nil {
		return nil, nil, err
	} else if !info.IsDir() {
		return nil, nil, fmt.Errorf("%s is not a directory; --diff is followed by the directory: "+
			"mattermost-fn render --diff DIRECTORY %[1]s", directory)
	}
	in := newInput(streams)
	defer in.close()
	files, err := in.packageFiles(directory)
	if err != nil {
		return nil, nil, err
	}
	list := &fn.List{Directory: filepath.ToSlash(filepath.Clean(directory))}
	for _, file := range files {
		path := filepath.ToSlash(filepath.Join(directory, file))
		data, info, err := in.read(directory, file, path)
		if err != nil {
			return nil, nil, err
		}
		if err := in.parse(list, path, data); err != nil {
			return nil, nil, err
		}
		in.seen = append(in.seen, info)
	}
	for i := range in.invalid {
		in.invalid[i].Message += ". List files without resources in " + filepath.Join(directory, ignoreFile)
	}
	err = in.add(list, names)
	return list, in.invalid, err
}

// packageFiles returns the files that kpt would read in a directory and below.
func (in *input) packageFiles(directory string) ([]string, error) {
	var files []string
	walk := kio.LocalPackageReader{
		PackagePath: directory, PackageFileName: kptfile, IncludeSubpackages: true,
		FileSystem: filesys.FileSystemOrOnDisk{FileSystem: &ignoreFiles{filesys.MakeFsOnDisk(), in, directory, ""}},
		// Called for every file that is not ignored. It skips all: this function reads them and keeps line numbers.
		FileSkipFunc: func(name string) bool {
			if extension := filepath.Ext(name); slices.Contains([]string{".yaml", ".yml", ".json"}, extension) ||
				filepath.Base(name) == kptfile {
				files = append(files, name)
			}
			return true
		},
	}
	_, err := walk.Read()
	return files, err
}

const (
	// kptfile is the name of the file that makes a directory a package.
	kptfile = "Kptfile"
	// ignoreFile is the name of the file with the patterns of files that kpt does not read.
	ignoreFile = ".krmignore"
)

// ignoreFiles is the file system in which kyaml searches for files. It opens the files named .krmignore only.
type ignoreFiles struct {
	filesys.FileSystem
	in *input
	// directory is the one that was given. absolute is the same as the search names it, once it has begun.
	directory, absolute string
}

func (f *ignoreFiles) CleanedAbs(path string) (filesys.ConfirmedDir, string, error) {
	directory, file, err := f.FileSystem.CleanedAbs(path)
	f.absolute = filepath.Join(string(directory), file)
	return directory, file, err
}

func (f *ignoreFiles) Open(path string) (filesys.File, error) {
	file, err := filepath.Rel(f.absolute, path)
	if err != nil {
		return nil, err
	}
	return f.in.open(f.directory, file, filepath.Join(f.directory, file))
}

// read returns the content of a file below a directory, and what it is; nothing of standard input, whose name is "-".
// path is the name in messages.
func (in *input) read(directory, file, path string) ([]byte, os.FileInfo, error) {
	if path == "-" {
		data, err := in.take(in.stdin, "standard input")
		return data, nil, err
	}
	opened, err := in.open(directory, file, path)
	if err != nil {
		return nil, nil, err
	}
	defer opened.Close()
	info, err := opened.Stat()
	if err != nil {
		return nil, nil, err
	}
	data, err := in.take(opened, path)
	return data, info, err
}

// take reads to the end, up to the limit of all input.
func (in *input) take(from io.Reader, path string) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(from, in.left+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > in.left {
		return nil, tooLarge(path)
	}
	in.left -= int64(len(data))
	return data, nil
}

func tooLarge(path string) error {
	return fmt.Errorf("%s: the input is larger than %d MiB in total; name the files with the configuration and "+
		"what belongs to it", path, maxInput>>20)
}

// open opens a regular file below a directory. It does not wait for the other end of a pipe.
func (in *input) open(directory, file, path string) (*os.File, error) {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	info, err := root.Stat(file)
	if err != nil {
		return nil, openError(directory, path, err)
	}
	if err := regular(path, info); err != nil {
		return nil, err
	}
	opened, err := root.OpenFile(file, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, openError(directory, path, err)
	}
	// The name may have been given to another file in the meantime.
	if info, err = opened.Stat(); err == nil {
		err = regular(path, info)
	}
	if err == nil && info.Size() > in.left {
		err = tooLarge(path)
	}
	if err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	return opened, nil
}

// openError returns the message about a file that cannot be opened below a directory. It names a link that leads out of
// it: then the file can be found, but not below the directory.
func openError(directory, path string, err error) error {
	if _, outside := os.Stat(path); outside == nil && !errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%s: a symbolic link that is absolute or leads out of %s is not followed; "+
			"name the file itself, or write - to read standard input", path, directory)
	}
	var failed *fs.PathError
	if errors.As(err, &failed) {
		return &fs.PathError{Op: "open", Path: path, Err: failed.Err}
	}
	return err
}

func regular(path string, info os.FileInfo) error {
	var kind string
	switch mode := info.Mode(); {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		kind = "a directory"
	case mode&fs.ModeNamedPipe != 0:
		kind = "a named pipe"
	case mode&fs.ModeSocket != 0:
		kind = "a socket"
	default:
		kind = "a device"
	}
	return fmt.Errorf("%s: expected a regular file, got %s; remove it, or write - to read standard input", path, kind)
}

// yamlFiles returns the names of the YAML files directly in a directory.
func yamlFiles(directory string) ([]string, error) {
	entries, err := os.ReadDir(directory)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, entry := range entries {
		if extension := filepath.Ext(entry.Name()); !entry.IsDir() && (extension == ".yaml" || extension == ".yml") {
			files = append(files, entry.Name())
		}
	}
	sort.Strings(files)
	if len(files) == 0 {
		var inner []string
		for _, entry := range entries {
			if name := filepath.Join(directory, entry.Name()); entry.IsDir() &&
				(kustomizationIn(name) != "" || isPackage(name)) {
				inner = append(inner, name)
			}
		}
		if len(inner) > 0 {
			return nil, fmt.Errorf("%s contains no YAML files; name the directories in it: %s", directory,
				strings.Join(inner, " "))
		}
		return nil, fmt.Errorf("%s contains no YAML files", directory)
	}
	return files, nil
}
