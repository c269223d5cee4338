{{/* What the broker's container is given: environment, mounts and volumes. */}}
{{- define "token-broker.environment" -}}
- {name: TOKENBROKER_CONFIG, value: /etc/token-broker/broker.json}
{{- if .Values.redis.enabled }}
- {name: ConnectionStrings__RedisPath, value: /run/secrets/redis/connection}
- {name: TokenCache__EncryptionKeysPath, value: /run/secrets/redis/encryption-keys}
{{- end }}
{{- if .Values.tls.secretName }}
- {name: Kestrel__Endpoints__Http__Url, value: "http://*:8080"}
- {name: Kestrel__Endpoints__Https__Url, value: "https://*:8443"}
- {name: Kestrel__Endpoints__Https__Certificate__Path, value: /run/secrets/tls/tls.crt}
- {name: Kestrel__Endpoints__Https__Certificate__KeyPath, value: /run/secrets/tls/tls.key}
- {name: Kestrel__Endpoints__Https__ClientCertificateMode, value: {{ .Values.tls.clientCertificateMode }}}
{{- else if ne .Values.tls.clientCertificateMode "NoCertificate" }}
{{- fail (printf "tls.clientCertificateMode: %s needs tls.secretName. Without it the broker speaks plain HTTP and requests no certificate." .Values.tls.clientCertificateMode) }}
{{- end }}
{{- with .Values.openTelemetry }}
{{- if .endpoint }}
- {name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ .endpoint | quote }}}
- {name: OTEL_EXPORTER_OTLP_PROTOCOL, value: {{ .protocol | quote }}}
- {name: OTEL_SERVICE_NAME, value: {{ .serviceName | quote }}}
{{- if .resourceAttributes }}
{{- $attributes := list }}
{{- range $name, $value := .resourceAttributes }}{{ $attributes = append $attributes (printf "%s=%s" $name (include "token-broker.text" $value)) }}{{ end }}
- {name: OTEL_RESOURCE_ATTRIBUTES, value: {{ join "," $attributes | quote }}}
{{- end }}
{{- end }}
{{- end }}
{{- if .Values.prometheus.enabled }}
- {name: MetricsPage__Port, value: {{ .Values.prometheus.port | quote }}}
{{- end }}
{{- with .Values.extraEnv }}
{{ include "token-broker.extraEnv" $ }}
{{- end }}
{{- end }}

{{/* extraEnv as a list, however it was given. As many may read a Deployment as a ConfigMap. */}}
{{- define "token-broker.extraEnv" -}}
{{- $variables := .Values.extraEnv | default list }}
{{- if kindIs "map" $variables }}
{{- $variables = list }}
{{- range $name, $value := .Values.extraEnv }}
{{- $variables = append $variables (dict "name" $name "value" (include "token-broker.text" $value)) }}
{{- end }}
{{- end }}
{{- range $variables }}
{{- $name := .name | lower | replace ":" "__" }}
{{- $value := .value | default "" }}
{{- $isSecret := regexMatch "(privatekey|enterprisetoken|encryptionkeys(__[0-9]+)?|password|_headers)$" $name }}
{{- $holdsPassword := regexMatch "(?i)password\\s*=|^rediss?://.*@|://[^/?#]*@" $value }}
{{- if and $value (or $isSecret $holdsPassword) }}
{{- fail (printf "extraEnv: the value of %s is a secret, or holds one: take it from a Secret, by valueFrom.secretKeyRef in a list of env." .name) }}
{{- end }}
{{- if and $value (regexMatch "__.*path$" $name) (not (regexMatch "^/.*[^=\\s]$" $value)) }}
{{- fail (printf "extraEnv: the value of %s must be the path of a file, which begins with /." .name) }}
{{- end }}
{{- end }}
{{- toYaml $variables }}
{{- end }}

{{- define "token-broker.volumeMounts" -}}
- {name: config, mountPath: /etc/token-broker, readOnly: true}
{{- if include "token-broker.secretName" . }}
- {name: secret, mountPath: /run/secrets/token-broker, readOnly: true}
{{- end }}
{{- if .Values.redis.enabled }}
- {name: redis, mountPath: /run/secrets/redis, readOnly: true}
{{- end }}
{{- if .Values.tls.secretName }}
- {name: tls, mountPath: /run/secrets/tls, readOnly: true}
{{- end }}
{{- if .Values.clusterIdentity.enabled }}
- {name: cluster, mountPath: /run/secrets/cluster, readOnly: true}
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "token-broker.volumes" -}}
- name: config
  configMap: {name: {{ include "token-broker.name" . }}}
{{- with include "token-broker.secretName" . }}
- name: secret
  secret: {secretName: {{ . }}, defaultMode: 0440}
{{- end }}
{{- if .Values.redis.enabled }}
- name: redis
  secret:
    secretName: {{ include "token-broker.name" . }}-redis
    defaultMode: 0440
    items: [{key: connection, path: connection}, {key: encryption-keys, path: encryption-keys}]
{{- end }}
{{- if .Values.tls.secretName }}
- name: tls
  secret: {secretName: {{ .Values.tls.secretName }}, defaultMode: 0440}
{{- end }}
{{- if .Values.clusterIdentity.enabled }}
- name: cluster
  projected:
    defaultMode: 0440
    sources:
      - serviceAccountToken: {path: token, expirationSeconds: 3600}
      - configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}
