{{- define "mattermost.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "mattermost.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- $name := include "mattermost.name" . }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "mattermost.selector" -}}
app: {{ include "mattermost.fullname" . }}
installation.mattermost.com/installation: {{ include "mattermost.fullname" . }}
{{- end }}

{{- define "mattermost.metadata" -}}
{{- $ := index . 0 -}}
{{- $component := index . 1 -}}
{{- $suffix := index . 2 -}}
name: {{ include "mattermost.fullname" $ }}{{ if $suffix }}-{{ $suffix }}{{ end }}
namespace: {{ $.Release.Namespace }}
labels:
  helm.sh/chart: {{ printf "%s-%s" $.Chart.Name $.Chart.Version | replace "+" "_" }}
  app.kubernetes.io/component: {{ $component }}
  app.kubernetes.io/instance: {{ $.Release.Name }}
  app.kubernetes.io/managed-by: {{ $.Release.Service }}
  app.kubernetes.io/name: {{ include "mattermost.name" $ }}
  app.kubernetes.io/part-of: mattermost
  app.kubernetes.io/version: {{ include "mattermost.version" $ | quote }}
  {{- with $.Values.labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{- define "mattermost.version" -}}
{{- default .Chart.AppVersion .Values.image.tag }}
{{- end }}

{{- define "mattermost.host" -}}
{{- printf "%s.%s" .Values.hostname .Values.domain }}
{{- end }}

{{- define "mattermost.resources" -}}
{{- if .Values.resources }}
{{- toYaml .Values.resources }}
{{- else }}
{{- $size := last .Values.sizes }}
{{- range reverse .Values.sizes }}
{{- if le (int $.Values.users) (int .users) }}{{ $size = . }}{{ end }}
{{- end }}
limits: {cpu: {{ $size.cpu | quote }}, memory: {{ $size.memory }}}
requests: {cpu: 500m, memory: 500Mi}
{{- end }}
{{- end }}

{{- define "mattermost.containerSecurity" -}}
allowPrivilegeEscalation: false
capabilities:
  drop:
  - ALL
runAsNonRoot: true
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "mattermost.databaseEnv" -}}
valueFrom:
  secretKeyRef:
    name: {{ include "mattermost.fullname" . }}-db-app
    key: uri
{{- end }}

{{- define "mattermost.mounts" -}}
{{- if and .Values.elasticsearch.enabled .Values.elasticsearch.ca.secret }}
- name: elasticsearch-ca
  mountPath: /etc/ssl/certs/mattermost-elasticsearch-ca.pem
  subPath: {{ .Values.elasticsearch.ca.key }}
  readOnly: true
{{- end }}
{{- if and .Values.sso.enabled .Values.sso.ca.configMap }}
- name: sso-ca
  mountPath: /etc/ssl/certs/mattermost-sso-ca.pem
  subPath: {{ .Values.sso.ca.key }}
  readOnly: true
{{- end }}
{{- end }}

{{- define "mattermost.env" -}}
{{- $ := . }}
{{- $text := dict
  "MM_SERVICESETTINGS_SITEURL" (printf "https://%s" (include "mattermost.host" .))
  "MM_LOGSETTINGS_ENABLECONSOLE" "true"
  "MM_LOGSETTINGS_CONSOLELEVEL" .Values.logging.level
  "MM_LOGSETTINGS_CONSOLEJSON" "true"
  "MM_LOGSETTINGS_ENABLEFILE" "false"
  "MM_EMAILSETTINGS_SENDEMAILNOTIFICATIONS" "false"
  "MM_EMAILSETTINGS_SENDPUSHNOTIFICATIONS" "false" }}
{{- if .Values.enterprise.enabled }}
{{- $_ := set $text "MM_CLUSTERSETTINGS_ENABLE" "true" }}
- name: MM_LICENSE
  valueFrom:
    secretKeyRef:
      name: {{ required "enterprise.licenseSecret.name is needed" .Values.enterprise.licenseSecret.name }}
      key: {{ .Values.enterprise.licenseSecret.key }}
{{- end }}
{{- if .Values.monitoring.enabled }}
{{- $_ := set $text "MM_METRICSSETTINGS_ENABLE" "true" }}
{{- end }}
{{- with .Values.objectStorage }}
{{- if .endpoint }}
{{- $_ := set $text "MM_FILESETTINGS_AMAZONS3SSL" (hasPrefix "https://" .endpoint | toString) }}
{{- $_ := set $text "MM_FILESETTINGS_AMAZONS3REGION" .region }}
{{- $_ := set $text "MM_FILESETTINGS_AMAZONS3SSE" (.serverSideEncryption | toString) }}
{{- end }}
{{- end }}
{{- if .Values.sso.enabled }}
{{- $issuer := required "sso.issuerURL is needed" .Values.sso.issuerURL | trimSuffix "/" }}
{{- $_ := set $text "MM_GITLABSETTINGS_ENABLE" "true" }}
{{- $_ := set $text "MM_GITLABSETTINGS_ID" .Values.sso.clientID }}
{{- $_ := set $text "MM_GITLABSETTINGS_SCOPE" "openid" }}
{{- range $field, $path := dict "AUTHENDPOINT" "auth" "TOKENENDPOINT" "token" "USERAPIENDPOINT" "userinfo" }}
{{- $_ := set $text (printf "MM_GITLABSETTINGS_%s" $field) (printf "%s/protocol/openid-connect/%s" $issuer $path) }}
{{- end }}
{{- range list "ENABLESIGNUPWITHEMAIL" "ENABLESIGNINWITHEMAIL" "ENABLESIGNINWITHUSERNAME" }}
{{- $_ := set $text (printf "MM_EMAILSETTINGS_%s" .) "false" }}
{{- end }}
- name: MM_GITLABSETTINGS_SECRET
  valueFrom:
    secretKeyRef: {{- toYaml .Values.sso.clientSecret | nindent 6 }}
{{- end }}
{{- if .Values.elasticsearch.enabled }}
{{- with .Values.elasticsearch }}
{{- range list "ENABLEINDEXING" "ENABLESEARCHING" "ENABLEAUTOCOMPLETE" }}
{{- $_ := set $text (printf "MM_ELASTICSEARCHSETTINGS_%s" .) "true" }}
{{- end }}
{{- $_ := set $text "MM_ELASTICSEARCHSETTINGS_BACKEND" "elasticsearch" }}
{{- $_ := set $text "MM_ELASTICSEARCHSETTINGS_CONNECTIONURL" (printf "https://%s.%s.svc.cluster.local:9200" .service .namespace) }}
{{- $_ := set $text "MM_ELASTICSEARCHSETTINGS_SNIFF" "false" }}
{{- $_ := set $text "MM_ELASTICSEARCHSETTINGS_SKIPTLSVERIFICATION" "false" }}
{{- $_ := set $text "MM_ELASTICSEARCHSETTINGS_USERNAME" .username }}
{{- $_ := set $text "MM_ELASTICSEARCHSETTINGS_INDEXPREFIX" .indexPrefix }}
- name: MM_ELASTICSEARCHSETTINGS_PASSWORD
  valueFrom:
    secretKeyRef: {{- toYaml .password | nindent 6 }}
{{- end }}
{{- end }}
{{- range $section, $fields := .Values.settings }}
{{- range $field, $value := $fields }}
{{- $_ := set $text (printf "MM_%s_%s" $section $field | upper) ($value | toString) }}
{{- end }}
{{- end }}
{{- range list "MM_CONFIG" "MM_SQLSETTINGS_DATASOURCE" }}
- name: {{ . }}
  {{- include "mattermost.databaseEnv" $ | nindent 2 }}
{{- end }}
{{- range $name, $value := $text }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}
