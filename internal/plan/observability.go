// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/ownership"
)

// monitoring decides how the servers are scraped: without a license not at all, since then they have no metrics.
func (b *builder) monitoring() {
	monitoring := b.spec.Monitoring
	if !monitoring.Enabled || !b.Enterprise {
		return
	}
	b.Monitoring = &Monitoring{
		Interval:  monitoring.ServiceMonitor.Interval,
		Scheme:    monitoring.ServiceMonitor.Scheme,
		TLSConfig: monitoring.ServiceMonitor.TLSConfig,
		Labels:    monitoring.ServiceMonitor.Labels,
	}
	if monitoring.Alerts.Enabled {
		b.Monitoring.Alerts = &Alerts{Labels: monitoring.Alerts.Labels,
			ReadReplicas: len(b.spec.Database.ReadReplicas) > 0}
	}
	if monitoring.Dashboard.Enabled {
		b.Monitoring.Dashboard = &Dashboard{
			Name:      b.DashboardName(),
			Namespace: monitoring.Dashboard.Namespace,
			Labels:    monitoring.Dashboard.Labels,
		}
	}
}

// logging decides how Fluent Bit processes the servers' log.
func (b *builder) logging() {
	fluentBit := b.spec.Logging.FluentBit
	if !*fluentBit.Enabled {
		return
	}
	b.Logging = &Logging{Form: fluentBit.Form, Namespace: fluentBit.Namespace}
	for i, wanted := range fluentBit.Outputs {
		u, err := v1alpha1.ParseServiceURL(wanted.URL)
		if err != nil {
			continue // reported by the rules
		}
		output := LogOutput{
			Name:          b.LogOutputName(wanted.Name),
			Host:          u.Host,
			Port:          u.Port,
			Path:          u.Path,
			TLS:           u.TLS,
			SkipTLSVerify: wanted.SkipTLSVerify,
			CAFile:        wanted.CAFile,
			IndexPrefix:   wanted.IndexPrefix,
		}
		if wanted.Password != nil {
			field := fmt.Sprintf("spec.logging.fluentBit.outputs[%d].password", i)
			secret := b.LogSecretName(wanted.Name)
			password := b.secretRef(secret, ownership.ComponentLogging, "password", wanted.Password, field)
			// Fluent Bit's operator reads the user name from a Secret too.
			if wanted.Password.ExternalSecret != nil {
				external := b.externalSecret(secret, ownership.ComponentLogging)
				refuses := fmt.Sprintf("^$|.{%d}|%s", FluentBitCredentials+1-len(wanted.Username), fluentBitRefuses)
				external.put("password", insertUnless("password", refuses, "password is empty, too long, or has a character that "+
					"Fluent Bit's configuration cannot hold; use letters and digits"))
				external.put("username", literal(wanted.Username))
			} else {
				b.putSecret(secret, ownership.ComponentLogging, "username", wanted.Username)
			}
			output.Password = &password
			output.Username = &v1alpha1.KeyRef{Name: secret, Key: "username"}
		}
		b.Logging.Outputs = append(b.Logging.Outputs, output)
	}
}
