# shellcheck shell=bash
# install TOOL [PACKAGE]
install() {
    command -v "$1" >/dev/null && return
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${2:-$1}" >/dev/null
}

step "Tools"
install curl
install jq
install openssl
install pgrep procps
install redis-server
install redis-cli redis-tools
install gh
install chromium
export REQUIRE_REDIS=1 REQUIRE_GH=1 REQUIRE_CHROMIUM=1

# What the Swagger page looked like stays after the run.
export SCREENSHOTS=${SCREENSHOTS:-$PWD/artifacts}
mkdir -p "$SCREENSHOTS"

# The distribution's Prometheus is too old to take OTLP.
if [ -x ../shared/tools/prometheus-up ]; then eval "$(../shared/tools/prometheus-up tools)"; fi
if [ -n "${PROMETHEUS:-}" ] || command -v prometheus >/dev/null; then
    export REQUIRE_PROMETHEUS=1
else
    echo "There is no Prometheus here: the telemetry tests that need one are skipped. Name one by PROMETHEUS and PROMTOOL."
fi
