// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

func newCommand(streams ioStreams) *cobra.Command {
	var tool, domain string
	command := &cobra.Command{
		Use:   "new DIRECTORY",
		Short: "Create a directory with a commented MattermostConfig",
		Long: `Create a directory with a commented MattermostConfig that builds, and the file with
which kustomize or kpt calls the function. It overwrites no file.`,
		Example: `  mattermost-fn new /tmp/chat
  mattermost-fn new --tool kpt --domain example.com /tmp/chat-package`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if !slices.Contains(tools, tool) {
				return fmt.Errorf("unknown tool %q (want kustomize, kpt or plain)", tool)
			}
			if err := v1alpha1.CheckHost(domain); err != nil {
				return fmt.Errorf("--domain: %w", err)
			}
			if err := createDirectory(args[0], tool, domain); err != nil {
				return refuse(streams, err)
			}
			next := map[string]string{
				"kustomize": "kustomize build --enable-alpha-plugins --enable-exec " + args[0],
				"kpt":       "kpt fn render --allow-exec " + args[0],
				"plain":     "mattermost-fn render " + args[0],
			}[tool]
			return streams.write([]byte("Created " + args[0] + ". Next:\n\n" +
				"  mattermost-fn check " + args[0] + "\n  " + next + "\n" + siteHint(args[0], domain)))
		},
	}
	command.Flags().StringVar(&tool, "tool", "kustomize", "kustomize, kpt or plain")
	command.Flags().StringVar(&domain, "domain", "example.com",
		"the `domain`, which follows the host's first label: the site is chat.<domain>")
	complete(command, "tool", tools...)
	return command
}

// siteHint says what the site is where a domain looks like the host of the site; empty for others.
func siteHint(directory, domain string) string {
	rest, isHost := strings.CutPrefix(domain, "chat.")
	switch {
	case isHost && strings.Contains(rest, "."):
		return fmt.Sprintf("\nThe site is https://chat.%s: the domain is what follows the first label of the host. "+
			"For\nhttps://%[1]s write domain: %s in %s/mattermost.yaml.\n", domain, rest, directory)
	case strings.Count(domain, ".") > 1:
		return fmt.Sprintf("\nThe site is https://chat.%s. For https://%[1]s write host: %[1]s\ninstead of "+
			"domain in %s/mattermost.yaml.\n", domain, directory)
	}
	return ""
}

var tools = []string{"kustomize", "kpt", "plain"}

func createDirectory(directory, tool, domain string) error {
	files := map[string]string{"mattermost.yaml": newConfiguration(tool, domain)}
	switch tool {
	case "kustomize":
		files["kustomization.yaml"] = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n" +
			"# The function generates everything that mattermost.yaml describes.\ngenerators:\n- mattermost.yaml\n"
	case "kpt":
		files["Kptfile"] = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: mattermost\n  annotations:\n" +
			"    config.kubernetes.io/local-config: \"true\"\npipeline:\n  mutators:\n" +
			"  # The function writes everything that mattermost.yaml describes into this package.\n" +
			"  - exec: mattermost-fn\n    configPath: mattermost.yaml\n"
	}
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(directory)
	if err != nil {
		return err
	}
	defer root.Close()
	for name := range files {
		if _, err := root.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s/%s exists; choose another directory", directory, name)
		}
	}
	for name, text := range files {
		if err := replaceFile(root, name, []byte(text)); err != nil {
			return err
		}
	}
	return nil
}

// newConfiguration returns a configuration with the fields that most installations need, as comments.
func newConfiguration(tool, domain string) string {
	text := "# Mattermost at https://chat." + domain + ". 'mattermost-fn explain' describes all fields.\n" +
		"apiVersion: " + v1alpha1.APIVersion + "\nkind: " + v1alpha1.Kind + "\nmetadata:\n  name: mattermost\n" +
		"  namespace: mattermost\n"
	if tool == "kustomize" {
		text += "  annotations:\n    # How kustomize finds the function: the program mattermost-fn on PATH.\n" +
			"    config.kubernetes.io/function: |\n      exec:\n        path: mattermost-fn\n"
	}
	return text + "spec:\n  domain: " + domain + `

  # Big Bang has no Fluent operator. For its plain Fluent Bit the form is configMap; for its Alloy set enabled to false.
  logging:
    fluentBit: {form: operator}

  # Outside Big Bang: Mattermost's own image and the Gateway API.
  # profile: community
  # route:
  #   gateways: [gateways/public]

  # Without these two, the database and the files are in the cluster.
  # database:
  #   host: db.example.com
  #   password:
  #     secretKeyRef: {name: mattermost-database-login, key: password}
  # objectStorage:
  #   region: us-east-1
  #   bucket: mattermost
  #   existingSecret: mattermost-s3

  # Single sign-on with Keycloak.
  # sso:
  #   enabled: true
  #   issuerURL: https://login.example.com/realms/example
  #   clientID: mattermost
  #   clientSecret:
  #     secretKeyRef: {name: mattermost-sso, key: client-secret}

  # Enterprise Tier: several servers, metrics, Elasticsearch.
  # enterprise:
  #   enabled: true
  #   license:
  #     secretKeyRef: {name: mattermost-license, key: license}
  # users: 1000
  # monitoring:
  #   enabled: true

  # Mattermost's own settings, as in config.json.
  # settings:
  #   TeamSettings:
  #     SiteName: Chat
`
}
