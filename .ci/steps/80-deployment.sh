# shellcheck shell=bash
# Where something beside the repository starts a cluster and stands in for base images, it is used; otherwise what needs it is skipped, with the reason.
step "Images, compose file and chart"
deploy() {
    local tools=../shared/tools
    if [ -x "$tools/kube-up" ] && [ "$(id -u)" = 0 ]; then
        local engine_ran=no
        docker info >/dev/null 2>&1 && engine_ran=yes
        if ! "$tools/stand-in-images"; then
            echo "No Docker engine starts here: what needs one is skipped."
        elif ! { "$tools/kube-up" >/dev/null && "$tools/kube-up" down >/dev/null; }; then
            echo "No cluster starts here: what needs one is skipped."
            "$tools/kube-up" down >/dev/null 2>&1 || true
            export BUILD_NETWORK=host
        else
            export KUBE_UP=$tools/kube-up BUILD_NETWORK=host REQUIRE_DEPLOYMENT=1
        fi
        [ "$engine_ran" = yes ] || engine=$(cat /run/docker.pid 2>/dev/null || true)
    fi
    timeout 1200 tests/deployment/run | tee "$results/deployment.log"
}
deploy || true
counts=$(tail -n 1 "$results/deployment.log" | grep -oE '^[0-9]+ passed, [0-9]+ failed') || { fail "the deployment was not tested to its end"; counts="0 passed, 0 failed"; }
add_counts "$counts"
grep '^FAILED' "$results/deployment.log" >>"$failures" || true
