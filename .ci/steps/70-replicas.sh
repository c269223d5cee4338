# shellcheck shell=bash
step "Three brokers on one Redis"
# The documented lines, the last of which is the server and stays.
echo opensesame >"$results/redis-password"
documented_block '^redis-server ' | sed 's/^redis-server/exec redis-server/' >"$results/redis.sh"
(cd "$results" && exec bash -eu redis.sh >/dev/null) &
redis=$!
start_sandbox --redis 127.0.0.1:6379,password=opensesame --replicas 3
replicas_share_one_token() {
    local jwt tokens port
    jwt=$(grep -m1 '^eyJ' "$results/sandbox.log") || { cat "$results/sandbox.log"; return 1; }
    tokens=$(for port in 8080 8083 8084; do
        curl -fsS -X POST -H "Authorization: Bearer $jwt" -H "Accept: text/plain" "http://localhost:$port/orgs/octo-org/actions/runners/registration-token"
        echo
    done | sort -u)
    [ "$(wc -l <<<"$tokens")" = 1 ] && [ -n "$tokens" ] && [ "$(curl -fsS http://localhost:8081/_sandbox/requests | jq .counts.registration_token)" = 1 ]
}
check "three brokers hand out one token" replicas_share_one_token
check "they end when asked to" end_sandbox
