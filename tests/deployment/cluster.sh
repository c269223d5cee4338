# shellcheck shell=bash
# The chart in a cluster, with the sandbox in GitHub's place and the cluster's own service accounts as callers.

namespace=token-broker-test
release=broker
node_port=30080
sandbox_node_port=30081
node=127.0.0.1
cluster_token_path=/orgs/octo-org/actions/runners/registration-token

check_cluster() {
    [ -n "${KUBE_UP:-}" ] || { skip "the chart in a cluster" "KUBE_UP names no cluster"; return; }
    [ "$(id -u)" = 0 ] || { skip "the chart in a cluster" "this is not root"; return; }
    has docker && docker image inspect "$broker_image" "$sandbox_image" >/dev/null 2>&1 || { skip "the chart in a cluster" "there are no images; run the part 'image' first"; return; }
    check "a cluster starts and has the images" cluster_is_up
    check "the sandbox stands in for GitHub" sandbox_is_up
    check "helm install" install_broker
    check "helm test takes a real token and does not show it" helm_test_takes_token
    check "two brokers share one mint" cluster_shares_one_mint

    cluster_callers
    check "helm upgrade to another image" upgrade_broker
    check "no caller lost anything" no_caller_was_lost
    check "Redis' password and the encryption key were kept" secrets_were_kept
    cluster_callers
    check "kubectl rollout restart" restart_rollout
    check "a pod is deleted" delete_pod
    check "no caller lost anything" no_caller_was_lost
    cluster_callers
    check "helm rollback" roll_back
    check "no caller lost anything" no_caller_was_lost
    cluster_callers --retry 1 --retry-all-errors --retry-delay 1 --connect-timeout 5
    check "a pod is killed without grace" kill_pod
    check "no caller that tries a broken connection once more lost anything" no_caller_was_lost

    check "with a certificate, helm test takes a token by HTTPS" https_gives_token
    check "helm uninstall leaves nothing behind" uninstall_leaves_nothing
}

# start_cluster up|api
start_cluster() {
    at_end end_cluster
    eval "$("$KUBE_UP" "$1")"
}

end_cluster() { timeout 120 "$KUBE_UP" down; }

cluster_is_up() {
    start_cluster up
    docker tag "$broker_image" token-broker:deployment-next
    "$KUBE_UP" load "$broker_image" token-broker:deployment-next "$sandbox_image" redis:7-alpine && make_namespace "$namespace"
}

sandbox_is_up() {
    openssl genrsa -out "$work/app.pem" 2048 2>/dev/null
    kubectl --namespace "$namespace" create secret generic sandbox --from-file=app.pem="$work/app.pem" --from-literal=enterprise-token=unused &&
        kubectl --namespace "$namespace" create serviceaccount caller &&
        sed "s|IMAGE|$sandbox_image|; s|NODE_PORT|$sandbox_node_port|" tests/deployment/sandbox.yaml | kubectl --namespace "$namespace" apply --filename - &&
        kubectl --namespace "$namespace" rollout status deployment/sandbox --timeout 60s
}

# helm_broker install|upgrade TAG [helm's options]
helm_broker() {
    helm "$1" "$release" "$chart" --namespace "$namespace" --wait --timeout 180s --values "$chart/ci/cluster-values.yaml" "${@:3}" \
        --set image.repository="${broker_image%:*}" --set image.tag="$2" --set service.nodePort="$node_port" \
        --set config.GitHub.ApiUrl=http://sandbox:8081 --set config.GitHub.RequireHttps=false --set config.RateLimit.RequestsPerMinute=0 \
        --set-file 'secret.files.app\.pem'="$work/app.pem"
}

install_broker() { helm_broker install "${broker_image#*:}" && await 20 curl -fsS -o /dev/null "http://$node:$node_port/readyz"; }

cluster_jwt() { kubectl --namespace "$namespace" create token caller --audience token-broker --duration 1h; }

helm_test_takes_token() {
    helm test "$release" --namespace "$namespace" --logs --timeout 60s | tee "$work/helm-test.log"
    [ "${PIPESTATUS[0]}" = 0 ] && grep -q 'a token that expires at 20' "$work/helm-test.log" && ! grep -qE '\bA[A-Z0-9]{28}\b|eyJ' "$work/helm-test.log"
}

cluster_shares_one_mint() {
    local jwt try minted
    jwt=$(cluster_jwt)
    for try in $(seq 20); do curl -fsS -o /dev/null -X POST -H "Authorization: Bearer $jwt" "http://$node:$node_port${cluster_token_path/registration/remove}" || { echo "request $try"; return 1; }; done
    minted=$(curl -fsS "http://$node:$sandbox_node_port/_sandbox/requests" | jq .counts.remove_token)
    figure "20 requests, $minted minted"
    [ "$minted" = 1 ]
}

cluster_callers() { start_callers "http://$node:$node_port$cluster_token_path" "$(cluster_jwt)" 3 "$@"; sleep 1; }

made_secrets() { kubectl --namespace "$namespace" get secret "$release-token-broker-redis" -o jsonpath='{.data}' | sha256sum; }

upgrade_broker() {
    made_secrets >"$work/made-before"
    helm_broker upgrade deployment-next && settle
}

# A rollout is over when the last old pod has gone, not when the last new one is ready.
settle() { await 90 replicas_remain 2 && sleep 1; }

broker_pods() { kubectl --namespace "$namespace" get pods --selector app.kubernetes.io/component=broker --output name; }

replicas_remain() { [ "$(broker_pods | wc -l)" = "$1" ] && [ "$(kubectl --namespace "$namespace" get deployment "$release-token-broker" -o jsonpath='{.status.readyReplicas}')" = "$1" ]; }

secrets_were_kept() { diff "$work/made-before" <(made_secrets); }

restart_rollout() {
    kubectl --namespace "$namespace" rollout restart "deployment/$release-token-broker" &&
        kubectl --namespace "$namespace" rollout status "deployment/$release-token-broker" --timeout 120s && settle
}

delete_pod() { kubectl --namespace "$namespace" delete "$(broker_pods | head -1)" --timeout 60s && settle; }

kill_pod() { kubectl --namespace "$namespace" delete "$(broker_pods | head -1)" --grace-period 0 --force && sleep 5 && settle; }

roll_back() { helm rollback "$release" 1 --namespace "$namespace" --wait --timeout 180s && settle; }

https_gives_token() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=broker -addext "subjectAltName=DNS:$release-token-broker.$namespace.svc" \
        -keyout "$work/tls.key" -out "$work/tls.crt" 2>/dev/null
    kubectl --namespace "$namespace" create secret generic certificate --type kubernetes.io/tls \
        --from-file=tls.crt="$work/tls.crt" --from-file=tls.key="$work/tls.key" --from-file=ca.crt="$work/tls.crt" &&
        helm_broker upgrade deployment-next --set tls.secretName=certificate --set service.port=443 --set replicaCount=1 &&
        helm_test_takes_token && grep -q "^https://" "$work/helm-test.log"
}

uninstall_leaves_nothing() {
    helm uninstall "$release" --namespace "$namespace" --wait --timeout 120s && await 60 nothing_is_left
}

nothing_is_left() {
    local kinds
    kinds=$(kubectl api-resources --verbs list --namespaced --output name | grep -v '^events' | paste -sd,)
    [ -z "$(kubectl --namespace "$namespace" get "$kinds" --selector "app.kubernetes.io/instance=$release" --output name 2>/dev/null)" ] &&
        [ -z "$(kubectl --namespace "$namespace" get secrets --selector owner=helm --output name)" ]
}
