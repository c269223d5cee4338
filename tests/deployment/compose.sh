# shellcheck shell=bash
# docker-compose.yml as it stands: what docs/deployment.md says of it, and what callers see when a broker stops or dies behind nginx.

compose_token_path=/orgs/octo-org/actions/runners/registration-token

check_compose() {
    has docker && docker info >/dev/null 2>&1 || { skip "the compose file" "no Docker engine answers"; return; }
    has docker-compose || docker compose version >/dev/null 2>&1 || { skip "the compose file" "there is no docker-compose"; return; }
    export COMPOSE_PROJECT_NAME=token-broker-test BROKER_IMAGE=$broker_image SANDBOX_IMAGE=$sandbox_image
    export BROKER_PORT=127.0.0.1:18080 SANDBOX_GITHUB_PORT=127.0.0.1:18081 SANDBOX_ISSUER_PORT=127.0.0.1:18082
    at_end compose_down
    check "it comes up, every part healthy" compose_up
    check "the documented lines give a token" documented_lines_work
    check "two replicas share one mint" replicas_share_one_mint
    check "a caller names no other host or path" forged_address_is_dropped
    compose_callers
    check "a replica is stopped and started again" restart_replica 1
    check "no caller lost anything" no_caller_was_lost
    compose_callers
    check "a replica is killed" kill_replica 2
    check "no caller lost anything" no_caller_was_lost
    check "requests that a killed replica held are answered by the other" requests_in_flight_survive
    check "no secret is in any log" compose_logs_hold_no_secret
    check "it goes down" compose_down
    check "it comes up without the sandbox, for an App of one's own" own_app_comes_up
    check "that goes down" compose_down
}

compose() { if has docker-compose; then docker-compose "$@"; else docker compose "$@"; fi; }

compose_up() { compose up --detach --build && await 60 replicas_are_healthy 2; }

compose_down() { timeout 120 bash -c "$(declare -f compose has); compose down --volumes --remove-orphans --timeout 10"; }

containers_of() { docker ps --quiet --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME" --filter "label=com.docker.compose.service=$1" "${@:2}"; }

replicas_are_healthy() { [ "$(containers_of broker --filter health=healthy | wc -l)" = "$1" ]; }

compose_jwt() { curl -fsS -X POST "http://$SANDBOX_ISSUER_PORT/token" -d '{"sub": "vm-1"}'; }

compose_callers() { start_callers "http://$BROKER_PORT$compose_token_path" "$(compose_jwt)" 3; sleep 1; }

# The lines of docs/deployment.md, on the ports that this test uses.
documented_lines_work() {
    lines_of docs/deployment.md 'docker-compose up' |
        grep -v '^docker-compose' | sed 's/localhost:80\(8[0-2]\)/127.0.0.1:180\1/g' >"$work/documented.sh"
    grep -q curl "$work/documented.sh" && bash -eu "$work/documented.sh" | jq -e '.token and .expires_at' >/dev/null
}

replicas_share_one_mint() {
    curl -fsS -X DELETE "http://$SANDBOX_GITHUB_PORT/_sandbox/requests"
    local jwt try
    jwt=$(compose_jwt)
    for try in $(seq 20); do
        curl -fsS -o /dev/null -X POST -H "Authorization: Bearer $jwt" "http://$BROKER_PORT/orgs/octo-org/actions/runners/remove-token" || { echo "request $try"; return 1; }
    done
    local served minted
    served=$(for try in $(containers_of broker); do docker logs "$try" 2>&1 | says remove-token && echo one; done | wc -l)
    minted=$(curl -fsS "http://$SANDBOX_GITHUB_PORT/_sandbox/requests" | jq .counts.remove_token)
    figure "20 requests, $served replicas, $minted minted"
    [ "$served" = 2 ] && [ "$minted" = 1 ]
}

forged_address_is_dropped() {
    curl -fsS -D "$work/links" -o /dev/null -H "Authorization: Bearer $(compose_jwt)" -H 'X-Forwarded-Host: elsewhere.example' -H 'X-Forwarded-Prefix: /elsewhere' \
        "http://$BROKER_PORT/orgs/octo-org/actions/runners?per_page=1" && cat "$work/links"
    grep -qi "^link: <http://$BROKER_PORT/orgs/octo-org/" "$work/links" && ! grep -qi elsewhere "$work/links"
}

replica() { docker ps --all --quiet --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME" --filter label=com.docker.compose.service=broker --filter "label=com.docker.compose.container-number=$1"; }

restart_replica() { docker stop "$(replica "$1")" && sleep 1 && docker start "$(replica "$1")" && await 30 replicas_are_healthy 2 && sleep 2; }

kill_replica() { docker kill "$(replica "$1")" && sleep 5; }

# All wait for one mint, half of them at each replica, whichever of the two makes it.
requests_in_flight_survive() {
    docker start "$(replica 2)" && await 30 replicas_are_healthy 2 && sleep 2 || return 1
    curl -fsS -o /dev/null -X POST "http://$SANDBOX_GITHUB_PORT/_sandbox/faults" -d '{"fault": "slow", "path": "remove-token", "seconds": 3, "times": 2}'
    printf 'header = "Authorization: Bearer %s"\n' "$(compose_jwt)" >"$work/caller"
    local number waiting=()
    for number in $(seq 10); do
        curl -s -m 30 -o /dev/null -w '%{http_code}\n' -X POST -K "$work/caller" "http://$BROKER_PORT/repos/octo-org/hello/actions/runners/remove-token" >"$work/flight.$number" &
        waiting+=($!)
    done
    sleep 1
    cat "$work"/flight.*
    [ -z "$(cat "$work"/flight.*)" ] && docker kill "$(replica 1)" || return 1
    wait "${waiting[@]}" || true
    figure "10 requests in flight, $(cat "$work"/flight.* | grep -vc '^201$' || true) lost"
    [ "$(cat "$work"/flight.* | grep -c '^201$')" = 10 ]
}

compose_logs_hold_no_secret() {
    local secrets
    compose logs --no-color >"$work/compose.log"
    secrets=$(docker run --rm --network none --volume "${COMPOSE_PROJECT_NAME}_secrets:/secrets:ro" --entrypoint cat redis:7-alpine /secrets/redis-password /secrets/encryption-keys /secrets/enterprise-token | fold -w 20)
    [ -n "$secrets" ] && ! grep -qF "$secrets" "$work/compose.log" && ! grep -qE 'eyJ[A-Za-z0-9_-]{10}|PRIVATE KEY|ghs_' "$work/compose.log"
}

own_app_comes_up() {
    openssl genrsa -out "$work/app.pem" 2048 2>/dev/null
    chmod 444 "$work/app.pem"
    jq '.GitHub = {App: {ClientId: "Iv23", PrivateKeyPath: "/run/secrets/app.pem"}} | .Authentication.Issuers.sandbox.Authority = "https://issuer.invalid"' \
        <(grep -v '^ *//' compose/sandbox.json) >"$work/broker.json"
    chmod 755 "$work"
    SANDBOX_SCALE=0 BROKER_CONFIG=$work/broker.json APP_KEY_FILE=$work/app.pem compose_up && [ -z "$(containers_of sandbox)" ]
}
