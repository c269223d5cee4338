{{- define "token-broker.name" -}}
{{- if .Values.nameOverride }}{{ .Values.nameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "token-broker.selector" -}}
app.kubernetes.io/name: token-broker
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "token-broker.labels" -}}
{{ include "token-broker.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "token-broker.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (ternary (include "token-broker.name" .) "default" .Values.serviceAccount.create) }}
{{- end }}

{{- define "token-broker.image" -}}
{{ .Values.image.repository }}:{{ include "token-broker.text" (.Values.image.tag | default .Chart.AppVersion) }}
{{- end }}

{{/* A value as it was written: a number in a file of values is a float64, which prints 20240101 as 2.0240101e+07. */}}
{{- define "token-broker.text" -}}
{{- if and (kindIs "float64" .) (eq . (floor .)) }}{{ int64 . }}{{ else }}{{ . }}{{ end }}
{{- end }}

{{- define "token-broker.secretName" -}}
{{- if .Values.secret.existingName }}{{ .Values.secret.existingName }}
{{- else if .Values.secret.files }}{{ include "token-broker.name" . }}-files
{{- end }}
{{- end }}

{{- define "token-broker.url" -}}
{{ ternary "https" "http" (ne .Values.tls.secretName "") }}://{{ include "token-broker.name" . }}.{{ .Release.Namespace }}.svc:{{ .Values.service.port }}
{{- end }}

{{/* More than one broker at any time? */}}
{{- define "token-broker.isReplicated" -}}
{{- $fewest := ternary .Values.autoscaling.minReplicas .Values.replicaCount .Values.autoscaling.enabled -}}
{{- if gt (int $fewest) 1 }}true{{ end }}
{{- end }}

{{/* The broker's Shutdown:Delay in seconds, in any letter case; its longest where the chart cannot tell. */}}
{{- define "token-broker.drainSeconds" -}}
{{- $delay := "00:00:05" -}}
{{- range $name, $section := .Values.config -}}
{{- if eq (lower $name) "shutdown" -}}
{{- range $key, $value := $section -}}
{{- if eq (lower $key) "delay" }}{{ $delay = $value }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range include "token-broker.extraEnv" . | fromYamlArray -}}
{{- if eq (.name | lower | replace ":" "__") "shutdown__delay" }}{{ $delay = .value | default "" }}{{ end -}}
{{- end -}}
{{- with regexFind "[0-9]+:[0-9]+:[0-9]+" $delay | splitList ":" -}}
{{- if eq (len .) 3 }}{{ add (mul 3600 (index . 0 | atoi)) (mul 60 (index . 1 | atoi)) (index . 2 | atoi) }}{{ else }}300{{ end -}}
{{- end -}}
{{- end }}

{{- define "token-broker.gracePeriod" -}}
{{- .Values.terminationGracePeriodSeconds | default (add .Values.preStopSeconds (include "token-broker.drainSeconds" .) 35) }}
{{- end }}

{{/* What every container of the chart is held to. */}}
{{- define "token-broker.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "token-broker.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1654
runAsGroup: 1654
fsGroup: 1654
seccompProfile:
  type: RuntimeDefault
{{- end }}
