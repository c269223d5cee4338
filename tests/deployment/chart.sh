# shellcheck shell=bash
# The chart without a cluster: what it renders, what it refuses, and what an API server says to it.

chart=charts/token-broker
api_namespace=token-broker-admission

check_chart() {
    [ -z "${KUBE_UP:-}" ] || eval "$("$KUBE_UP" tools)"
    has helm || { skip "the chart" "there is no helm"; return; }
    check "its README is written from its values" "$chart/readme" --check
    local example
    for example in "$chart"/ci/*-values.yaml; do
        example=$(basename "$example" -values.yaml)
        check "$example: lint has nothing to say" lints "$example"
        check "$example: it renders what it did" renders_as_before "$example"
    done
    check "every value that does not exist or is wrong is refused by its name" bad_values_are_refused
    check "a secret in the configuration or the environment is refused, and not shown" secrets_are_refused
    check "a number in a file of values stays as it was written" numbers_are_kept
    check "a disruption budget stands above one replica only" budget_needs_replicas
    check "a changed configuration restarts the brokers, unless that is switched off" configuration_restarts
    check "the grace period outlasts the drain" grace_outlasts_drain
    check "the metrics port exists only if it is enabled, and only for named clients" metrics_only_for_the_named
    check_admission
}

rendered() { helm template broker "$chart" --namespace "$api_namespace" --kube-version 1.34.0 --values "$chart/ci/$1-values.yaml" "${@:2}"; }

lints() {
    helm lint --strict "$chart" --values "$chart/ci/$1-values.yaml" | tee "$work/lint.log"
    [ "${PIPESTATUS[0]}" = 0 ] && ! grep -qE '\[(WARNING|ERROR)\]' "$work/lint.log"
}

# What is made up at each rendering is not compared.
renders_as_before() {
    local snapshot=tests/deployment/snapshots/$1.yaml
    rendered "$1" >"$work/rendered.yaml" || return 1
    sed -i -E 's/^(  (password|connection|encryption-keys): ).+/\1MADE/' "$work/rendered.yaml"
    [ "${ACCEPT_CHART:-0}" = 1 ] && cp "$work/rendered.yaml" "$snapshot"
    diff "$snapshot" "$work/rendered.yaml"
}

# refused SET WORDS…: helm must name every word.
refused() {
    local set=$1 word
    shift
    ! rendered minimal --set "$set" >"$work/refused.log" 2>&1 || { echo "taken: $set"; return 1; }
    for word in "$@"; do grep -qF -- "$word" "$work/refused.log" || { echo "$set: $word is not named"; cat "$work/refused.log"; return 1; }; done
}

bad_values_are_refused() {
    refused replicas=3 replicas &&
        refused service.prot=1 /service prot &&
        refused replicaCount=many /replicaCount integer &&
        refused service.type=Internal /service/type ClusterIP &&
        refused service.port=70000 /service/port &&
        refused image.pullPolicy=Sometimes /image/pullPolicy &&
        refused redis.enable=true /redis enable &&
        refused ingress.enabled=true /ingress/hosts &&
        refused httpRoute.enabled=true /httpRoute/parentRefs &&
        refused test.scope=users/x /test/scope &&
        refused openTelemetry.endpoint=collector:4317 /openTelemetry/endpoint &&
        refused openTelemetry.endpoint=collector:4317 'http://' &&
        refused tls.clientCertificateMode=RequireCertificate 'RequireCertificate needs tls.secretName' &&
        refused tls.clientCertificateMode=AllowCertificate 'AllowCertificate needs tls.secretName' &&
        refused autoscaling.enabled=true,autoscaling.minReplicas=7 'autoscaling.minReplicas must not be above autoscaling.maxReplicas' &&
        refused 'podLabels.app\.kubernetes\.io/component=x' 'the chart sets it itself' &&
        refused 'prometheus.serviceMonitor.labels.app\.kubernetes\.io/name=x' 'the chart sets it itself' &&
        refused 'extraEnv[0].name=A,extraEnv[0].value=1' /extraEnv/0/value string &&
        refused config.Shutdown=null /config/Shutdown object &&
        refused config.Shutdown.Delay=7 /config/Shutdown/Delay hh:mm:ss &&
        refused config.shutdown.delay=15:00 /config/shutdown/delay hh:mm:ss &&
        refused config.Shutdown.Delay=null /config/Shutdown/Delay hh:mm:ss &&
        refused prometheus.enabled=true /prometheus/from &&
        refused prometheus.enabled=yes /prometheus/enabled &&
        refused prometheus.path=/x /prometheus path &&
        refused prometheus.port=8080 /prometheus/port &&
        refused prometheus.port=80 /prometheus/port &&
        refused prometheus.serviceMonitor.enabled=true /prometheus/enabled &&
        refused prometheus.serviceMonitor.interval=often /prometheus/serviceMonitor/interval &&
        refused secret.existingName=x secret.existingName secret.files
}

# What is in config is in a ConfigMap, and extraEnv in a Deployment, which more people may read than secrets.
secrets_are_refused() {
    local set named words
    while read -r set named words; do
        refused "$set" "$named" "$words" || return 1
        ! grep -q hunter2 "$work/refused.log" || { echo "$set: it is shown"; return 1; }
    done <<'END'
config.GitHub.App.PrivateKey=hunter2 /config/GitHub/App/PrivateKey
config.github.app.privatekey=hunter2 /config/github/app/privatekey
config.GitHub.App:PrivateKey=hunter2 App:PrivateKey
config.GitHub:App:PrivateKey=hunter2 GitHub:App:PrivateKey
config.GitHub.EnterpriseToken=hunter2 /config/GitHub/EnterpriseToken
config.TokenCache.EncryptionKeys[0]=hunter2 /config/TokenCache/EncryptionKeys
config.TokenCache.EncryptionKeys.0=hunter2 /config/TokenCache/EncryptionKeys
config.ConnectionStrings.Redis=redis:6379\,Password=hunter2 /config/ConnectionStrings/Redis
config.ConnectionStrings.Redis=redis:6379\,sentinelPassword=hunter2 /config/ConnectionStrings/Redis
config.ConnectionStrings.Redis=rediss://broker:hunter2@redis:6379 /config/ConnectionStrings/Redis
config.ConnectionStrings.Redis=rediss://:hunter2@redis /config/ConnectionStrings/Redis
config.Kestrel.Certificates.Default.Password=hunter2 /config/Kestrel/Certificates/Default/Password
config.OTEL_EXPORTER_OTLP_HEADERS=hunter2 /config/OTEL_EXPORTER_OTLP_HEADERS
config.ConnectionStrings.RedisPath=redis:6379\,password=hunter2 /config/ConnectionStrings/RedisPath begins with /
config.GitHub.EnterpriseTokenPath=ghp_hunter2 /config/GitHub/EnterpriseTokenPath begins with /
config.github.app.privatekeypath=-----BEGIN-hunter2 /config/github/app/privatekeypath begins with /
config.TokenCache.EncryptionKeysPath=/hunter2= /config/TokenCache/EncryptionKeysPath begins with /
config.ConnectionStrings.Redis=redis://hunter2@redis:6379 /config/ConnectionStrings/Redis address without a password
config.ConnectionStrings.Redis[0]=redis:6379\,password=hunter2 /config/ConnectionStrings/Redis
config.GitHub.ApiUrl=https://broker:hunter2@github.example /config/GitHub/ApiUrl address without a password
config.GitHub__App__PrivateKey=hunter2 /config/GitHub__App__PrivateKey nested objects
extraEnv.GitHub__App__PrivateKey=hunter2 GitHub__App__PrivateKey secretKeyRef
extraEnv.github__enterprisetoken=hunter2 github__enterprisetoken secretKeyRef
extraEnv.TokenCache__EncryptionKeys__0=hunter2 TokenCache__EncryptionKeys__0 secretKeyRef
extraEnv.Kestrel__Certificates__Default__Password=hunter2 Kestrel__Certificates__Default__Password secretKeyRef
extraEnv.ConnectionStrings__Redis=redis:6379\,password=hunter2 ConnectionStrings__Redis secretKeyRef
extraEnv.ConnectionStrings__Redis=redis://:hun/ter2@redis ConnectionStrings__Redis secretKeyRef
extraEnv.HTTPS_PROXY=http://broker:hunter2@proxy:3128 HTTPS_PROXY secretKeyRef
extraEnv.OTEL_EXPORTER_OTLP_HEADERS=hunter2 OTEL_EXPORTER_OTLP_HEADERS secretKeyRef
extraEnv[0].name=GitHub:App:PrivateKey,extraEnv[0].value=hunter2 GitHub:App:PrivateKey secretKeyRef
extraEnv.GitHub__EnterpriseTokenPath=hunter2 GitHub__EnterpriseTokenPath begins with /
extraEnv.TokenCache__EncryptionKeysPath=/hunter2= TokenCache__EncryptionKeysPath begins with /
openTelemetry.endpoint=https://broker:hunter2@collector /openTelemetry/endpoint without a password
END
    rendered minimal --values - >/dev/null <<'END'
config:
  ConnectionStrings: {Redis: "redis:6379,ssl=true"}
  GitHub: {EnterpriseTokenPath: /run/secrets/x}
  Kestrel: {EndpointDefaults: {Protocols: Http1}}
  Authentication: {Issuers: {path: {JwksUri: "https://keys.example/jwk/signer@keys.example"}}}
  Authorization: {Policies: {password: {Issuer: path}}}
extraEnv: {ConnectionStrings__Redis: "redis:6379,ssl=true", GitHub__EnterpriseTokenPath: /run/secrets/x, HTTPS_PROXY: "http://proxy:3128"}
END
    rendered minimal --set 'extraEnv[0].name=GitHub__App__PrivateKey,extraEnv[0].valueFrom.secretKeyRef.name=app' | grep -A 3 'name: GitHub__App__PrivateKey' | says 'name: app'
}

# Helm reads a file's numbers otherwise than those of --set.
numbers_are_kept() {
    rendered cluster --values - >"$work/numbers.yaml" <<'END' || return 1
image: {tag: 20240101}
redis: {image: {tag: 20240102}}
extraEnv: {RateLimit__RequestsPerMinute: 1000000, Share: 0.25, Negative: -20240103, Switch: true}
openTelemetry: {endpoint: "http://collector:4317", resourceAttributes: {build: 20240104}}
END
    local text
    for text in token-broker:20240101 redis:20240102 1000000 0.25 -20240103 true build=20240104; do
        grep -qF "\"$text\"" "$work/numbers.yaml" || { echo "$text is not there"; grep -E 'image:|value:' "$work/numbers.yaml"; return 1; }
    done
    ! rendered minimal --values - <<<'image: {tag: 20240101123456789}'
}

budget_needs_replicas() {
    rendered minimal | says '^kind: PodDisruptionBudget' &&
        ! rendered minimal --set replicaCount=1 | says '^kind: PodDisruptionBudget' &&
        ! rendered production --set autoscaling.minReplicas=1 | says '^kind: PodDisruptionBudget'
}

checksum() { rendered minimal "$@" | grep 'checksum/config' || echo none; }

configuration_restarts() {
    [ "$(checksum)" = "$(checksum --set image.tag=2)" ] &&
        [ "$(checksum)" != "$(checksum --set config.RateLimit.Burst=1)" ] &&
        [ "$(checksum --set restartOnConfigChange=false)" = none ]
}

grace_of() { rendered minimal "$@" | grep -m1 -oP 'terminationGracePeriodSeconds: \K.+'; }

grace_outlasts_drain() {
    [ "$(grace_of)" = 45 ] &&
        [ "$(grace_of --set config.Shutdown.Delay=00:01:08 --set preStopSeconds=9)" = 112 ] &&
        [ "$(grace_of --set config.shutdown.delay=0.00:02:00.5)" = 160 ] &&
        [ "$(grace_of --set config.Shutdown.Delay=00:02:00,extraEnv.SHUTDOWN__DELAY=00:04:00)" = 280 ] &&
        [ "$(grace_of --set 'extraEnv[0].name=Shutdown__Delay,extraEnv[0].value=00:00:09')" = 49 ] &&
        [ "$(grace_of --set 'extraEnv[0].name=Shutdown__Delay,extraEnv[0].valueFrom.configMapKeyRef.name=x')" = 340 ] &&
        [ "$(grace_of --set terminationGracePeriodSeconds=7)" = 7 ]
}

metrics_only_for_the_named() {
    ! rendered minimal | says -iE 'metrics|prometheus|ServiceMonitor' &&
        ! rendered prometheus --set prometheus.serviceMonitor.enabled=false | says ServiceMonitor &&
        rendered prometheus --set prometheus.port=9000 --show-only templates/deployment.yaml | says 'name: metrics, containerPort: 9000' &&
        rendered prometheus --set prometheus.port=9000 --show-only templates/deployment.yaml | says 'name: MetricsPage__Port, value: "9000"' &&
        ! rendered prometheus --show-only templates/service.yaml | says -E 'metrics|9464' &&
        rendered prometheus --show-only templates/networkpolicy.yaml | grep -A 2 'port: metrics' | says 'from:' &&
        ! rendered prometheus --set prometheus.from=null >/dev/null 2>&1 &&
        rendered prometheus --set prometheus.from=null --set networkPolicy.enabled=false >/dev/null
}

check_admission() {
    [ -n "${KUBE_UP:-}" ] || { skip "the API server's word on the chart" "KUBE_UP names no cluster"; return; }
    start_cluster api
    check "a namespace admits only restricted pods" make_namespace "$api_namespace"
    check "the API server knows a ServiceMonitor" service_monitor_is_known
    # A dry run makes none, and the pod of helm test is not admitted without it.
    kubectl --namespace "$api_namespace" create serviceaccount broker-token-broker >/dev/null
    local example
    for example in "$chart"/ci/*-values.yaml; do
        example=$(basename "$example" -values.yaml)
        check "$example: the API server admits every object" admitted "$example"
    done
}

make_namespace() {
    kubectl create namespace "$1" &&
        kubectl label namespace "$1" pod-security.kubernetes.io/enforce=restricted pod-security.kubernetes.io/warn=restricted
}

# What of it the Prometheus operator's own definition has and the chart fills in.
service_monitor_is_known() {
    kubectl apply --server-side --filename tests/deployment/servicemonitor.yaml &&
        kubectl wait --for condition=established --timeout 30s crd/servicemonitors.monitoring.coreos.com
}

# A Deployment's pods are not refused with it, but warned of.
admitted() {
    rendered "$1" >"$work/objects.yaml" || return 1
    kubectl apply --namespace "$api_namespace" --server-side --dry-run=server --validate=strict --filename "$work/objects.yaml" 2>&1 | tee "$work/admitted.log"
    [ "${PIPESTATUS[0]}" = 0 ] && ! grep -qi 'warning' "$work/admitted.log" || return 1
    figure "$(grep -c 'serverside-applied' "$work/admitted.log") objects"
}
