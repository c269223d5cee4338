# shellcheck shell=bash
# shellcheck disable=SC2154 # work is set by run
# The Kubernetes recipes of docs/callers.md, with tokens that a real API server signed and keys as it serves them.

callers_page=docs/callers.md
callers_configuration=Debug/net10.0
callers_token_path=/orgs/octo-org/actions/runners/registration-token
callers_processes=()
callers_broker=

check_callers() {
    [ -n "${KUBE_UP:-}" ] || { skip "the recipes with a real API server's tokens" "KUBE_UP names no cluster"; return; }
    [ "$(id -u)" = 0 ] || { skip "the recipes with a real API server's tokens" "this is not root"; return; }
    has dotnet || { skip "the recipes with a real API server's tokens" "there is no dotnet"; return; }
    at_end end_processes
    check "an API server knows the accounts, and signs for them" accounts_are_made
    check "the sandbox stands in for GitHub" sandbox_answers

    local way
    for way in "keys by file" "keys by their address"; do
        check "$way: the broker starts" start_broker "$way"
        check "$way: a pod's token is accepted, and the pod is the caller" pod_is_served
        check "$way: a token of kubectl create token is accepted, and the account is the caller" account_is_served
        check "$way: near misses are refused" near_misses_are_refused
        end_broker
    done
    check "without the pod's own token the API server shows no keys" keys_want_a_token
    end_processes
}

# recipe HEADING: the configuration that stands under it.
recipe() {
    awk -v "heading=$1" '/^##+ /{found = substr($0, index($0, " ") + 1) == heading} found && /^```/{on = /^```jsonc/; next} found && on' "$callers_page"
}

# documented HEADING START: the line of shell under it that begins so.
documented() {
    awk -v "heading=$1" -v "start=$2" '/^##+ /{found = substr($0, index($0, " ") + 1) == heading} found && index($0, start) == 1' "$callers_page"
}

accounts_are_made() {
    start_cluster api
    local account
    for account in runners/runner runners/default default/runner token-broker/broker; do
        kubectl create namespace "${account%/*}" 2>/dev/null || true
        kubectl --namespace "${account%/*}" create serviceaccount "${account#*/}" || return 1
    done
    # Nothing runs it: a token can be bound to it all the same.
    kubectl --namespace runners apply --filename - <<<'{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "runner-7"},
        "spec": {"serviceAccountName": "runner", "automountServiceAccountToken": false, "containers": [{"name": "runner", "image": "runner"}]}}' &&
        kubectl --namespace token-broker create token broker >"$work/broker-token" &&
        (cd "$work" && bash -eu -c "$(cd "$OLDPWD" && documented "A private cluster, by a file of its keys" "kubectl get")") &&
        jq -e '.keys | length > 0' "$work/jwks.json"
}

free_port() {
    local port
    while port=$((20000 + RANDOM % 20000)); (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
    echo "$port"
}

# start_process LOG COMMAND…
start_process() {
    local log=$1
    shift
    # At once: a check that waits for a line must not find it in the log of the previous process.
    : >"$log"
    "$@" >>"$log" 2>&1 </dev/null &
    callers_processes+=($!)
}

end_processes() {
    [ ${#callers_processes[@]} = 0 ] || kill "${callers_processes[@]}" 2>/dev/null || true
    wait "${callers_processes[@]}" 2>/dev/null || true
    callers_processes=()
}

sandbox_answers() {
    dotnet build src/TokenBroker.Sandbox --nologo --verbosity quiet || return 1
    mkdir -p "$work/callers"
    start_process "$work/callers-sandbox.log" dotnet "src/TokenBroker.Sandbox/bin/$callers_configuration/TokenBroker.Sandbox.dll" \
        --without-broker --github-port "$(free_port)" --issuer-port "$(free_port)" --secrets "$work/callers"
    await 120 grep -q '^Issuer:' "$work/callers-sandbox.log"
}

# Only what a broker outside the cluster sees otherwise is changed: where the API server is, and where the pod's files are.
configuration() {
    local way=$1 heading="The broker's own cluster, by its API server" server authority
    server=$(kubectl config view --minify --raw -o jsonpath='{.clusters[0].cluster.server}')
    authority=$(kubectl config view --minify --raw -o jsonpath='{.clusters[0].cluster.certificate-authority}')
    [ "$way" != "keys by file" ] || heading="A private cluster, by a file of its keys"
    recipe "$heading" | jq --arg way "$way" --arg server "$server" --arg authority "$authority" --arg work "$work" \
        --arg github "$(sed -n 's/^GitHub: *\([^ ]*\).*/\1/p' "$work/callers-sandbox.log")" \
        --arg client "$(sed -n 's/^GitHub:.*client id \([^)]*\)).*/\1/p' "$work/callers-sandbox.log")" '
        .GitHub = {ApiUrl: $github, App: {ClientId: $client, PrivateKeyPath: "\($work)/callers/app.pem"}}
        | .Shutdown = {Delay: "00:00:00"}
        | .Authentication.Issuers.k8s |= (
            if .JwksPath then .JwksPath = "\($work)/jwks.json" else .CaCertificatePath = $authority | .BackchannelTokenPath = "\($work)/broker-token" end
            | if .JwksUri then .JwksUri |= sub("https://kubernetes.default.svc"; $server) else . end
            | if $way == "no token" then del(.BackchannelTokenPath) else . end)'
}

start_broker() {
    configuration "$1" >"$work/callers.json" || return 1
    TOKENBROKER_CONFIG=$work/callers.json ASPNETCORE_URLS=http://127.0.0.1:0 \
        start_process "$work/callers-broker.log" dotnet "src/TokenBroker/bin/$callers_configuration/TokenBroker.dll"
    await 120 grep -q 'Now listening on' "$work/callers-broker.log" || { cat "$work/callers-broker.log"; return 1; }
    callers_broker=$(sed -n '/Now listening on/{s|.*listening on: \(http://[0-9.:]*\).*|\1|p;q}' "$work/callers-broker.log")
    await 20 curl -fsS -o /dev/null "$callers_broker/readyz"
}

end_broker() {
    kill "${callers_processes[-1]}" 2>/dev/null || true
    wait "${callers_processes[-1]}" 2>/dev/null || true
    unset 'callers_processes[-1]'
}

# ask JWT [curl's options]: the status of asking for a token.
ask() { curl -s -m 20 -o "$work/callers-answer" -w '%{http_code}' -X POST -H "Authorization: Bearer $1" "$callers_broker$callers_token_path"; }

# is_answered STATUS WORDS JWT
is_answered() {
    local status
    status=$(ask "$3")
    [ "$status" = "$1" ] && grep -qF -- "$2" "$work/callers-answer" && return
    echo "$status where $1 $2 was expected"
    [ "$status" = 201 ] || cat "$work/callers-answer"
    return 1
}

caller_id() { curl -fsS -m 20 -H "Authorization: Bearer $1" "$callers_broker/caller" | jq -r .caller_id; }

pod_is_served() {
    local jwt
    jwt=$(kubectl --namespace runners create token runner --audience token-broker --duration 10m --bound-object-kind Pod --bound-object-name runner-7) &&
        is_answered 201 expires_at "$jwt" &&
        [ "$(caller_id "$jwt")" = "$(kubectl --namespace runners get pod runner-7 -o jsonpath='{.metadata.uid}')" ]
}

# By the line of the page.
# shellcheck disable=SC2016
account_is_served() {
    local JWT
    eval "$(documented Kubernetes 'JWT=$(kubectl')" && is_answered 201 expires_at "$JWT" &&
        [ "$(caller_id "$JWT")" = sub:system:serviceaccount:runners:runner ]
}

near_misses_are_refused() {
    local audience=(--audience token-broker --duration 10m)
    is_answered 403 policy-denied "$(kubectl --namespace default create token runner "${audience[@]}")" &&
        is_answered 403 policy-denied "$(kubectl --namespace runners create token default "${audience[@]}")" &&
        is_answered 401 'wrong audience' "$(kubectl --namespace runners create token runner --audience vault --duration 10m)" &&
        is_answered 401 'wrong audience' "$(kubectl --namespace runners create token runner)"
}

keys_want_a_token() {
    start_broker "no token" && is_answered 503 issuer-unavailable "$(kubectl --namespace runners create token runner --audience token-broker)" &&
        grep -q 'it answers 40[13]' "$work/callers-broker.log"
}
