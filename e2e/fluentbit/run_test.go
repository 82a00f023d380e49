// SPDX-License-Identifier: Apache-2.0

package fluentbit

import (
	"bytes"
	"cmp"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bigbang.dev/mattermost-fn/e2e/harness"
)

// program returns the path of Fluent Bit. The test is not run without it.
func program(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath(cmp.Or(os.Getenv("FLUENT_BIT"), "fluent-bit"))
	if err != nil {
		t.Skipf("not run: %v; set FLUENT_BIT to the path of Fluent Bit", err)
	}
	if path, err = filepath.Abs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// pods are the logs of containers, by the name of the file: <pod>_<namespace>_<container>-<id>.log.
type pods map[string]string

// podOf returns the name of the log of the server's container in an installation's pod.
func podOf(namespace, name string) string {
	return name + "-7d9f8b6c5-x2x4z_" + namespace + "_mattermost-" + strings.Repeat("0f", 32) + ".log"
}

// metadata replaces the kubernetes filter, which asks the API server.
const metadata = `function metadata(tag, timestamp, record)
  local log = tag:match("[^.]+%.log$")
  record.kubernetes = {log = log, namespace_name = log:match("_([^_]+)_")}
  return 2, timestamp, record
end
`

// A pipeline is a whole configuration: the part that reads the logs of pods, which users have already, and ours.
type pipeline struct {
	in format
	// service, filters and outputs are in the format.
	service, filters, outputs string
	files                     harness.Tree // next to the configuration
	withoutMetadata           bool         // the kubernetes filter adds nothing
}

// lay writes the pipeline and the logs into a directory, and returns the path of the configuration. Paths of the
// containers become those of the directory.
func (p pipeline) lay(t *testing.T, logs pods) string {
	t.Helper()
	dir := t.TempDir()
	tree := harness.Tree{"metadata.lua": metadata}
	if p.withoutMetadata {
		tree["metadata.lua"] = "function metadata(tag, timestamp, record) return 0, timestamp, record end\n"
	}
	for name, content := range logs {
		tree["log/"+name] = content
	}
	name, text := "fluent-bit.conf", `[SERVICE]
    Flush 0.2
    Grace 2
    Log_Level info
`+p.service+`[INPUT]
    Name tail
    Path DIR/log/*.log
    Tag kube.var.log.containers.<file>
    Tag_Regex (?<file>[^/]+)$
    Read_from_Head On
    Buffer_Max_Size 1M
[FILTER]
    Name lua
    Match kube.*
    script DIR/metadata.lua
    call metadata
`+p.filters+p.outputs
	if p.in == yamlFormat {
		name, text = "fluent-bit.yaml", `service:
  flush: 0.2
  grace: 2
  log_level: info
`+p.service+`pipeline:
  inputs:
    - name: tail
      path: DIR/log/*.log
      tag: kube.var.log.containers.<file>
      tag_regex: (?<file>[^/]+)$
      read_from_head: true
      buffer_max_size: 1M
  filters:
    - name: lua
      match: kube.*
      script: DIR/metadata.lua
      call: metadata
`+p.filters+"  outputs:\n"+p.outputs
	}
	inDir := strings.NewReplacer("DIR/", dir+"/", scriptDir+"/", dir+"/", "/fluent-bit/etc/mattermost/", dir+"/")
	for file, content := range p.files {
		tree[file] = inDir.Replace(content)
	}
	tree[name] = inDir.Replace(text)
	tree.Write(t, dir)
	return filepath.Join(dir, name)
}

// A process is a Fluent Bit that runs.
type process struct {
	command *exec.Cmd
	output  bytes.Buffer  // what it reports; complete when it has ended
	ended   chan struct{} // closed when it has ended
}

// start starts Fluent Bit. It is stopped after the test.
func start(t *testing.T, configuration string) *process {
	t.Helper()
	p := &process{command: exec.Command(program(t), "-c", configuration), ended: make(chan struct{})}
	p.command.Stdout, p.command.Stderr = &p.output, &p.output
	p.command.Env = []string{"HOME=/home"}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.command.Wait()
		close(p.ended)
	}()
	t.Cleanup(p.stop)
	return p
}

// stop ends the process and waits for it.
func (p *process) stop() {
	_ = p.command.Process.Kill()
	<-p.ended
}

var errStops = errors.New("the process ended")

// wait waits until the condition is true or the process has ended.
func (p *process) wait(t *testing.T, condition func() bool) error {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		if condition() {
			return nil
		}
		select {
		case <-p.ended:
			return errStops
		case <-time.After(20 * time.Millisecond):
		}
	}
	p.stop()
	t.Fatalf("timeout: %s", p.output.String())
	return nil
}
