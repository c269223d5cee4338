# shellcheck shell=bash
# The images: small, not run as root, and usable without a shell.

most_context_bytes=3000000
most_image_bytes=15500000
broker_image=token-broker:deployment-test
sandbox_image=token-broker-sandbox:deployment-test

check_image() {
    has docker && docker info >/dev/null 2>&1 || { skip "the images" "no Docker engine answers"; return; }
    check "the broker's image is built, from a small context" build src/TokenBroker/Dockerfile "$broker_image"
    check "the sandbox's image is built" build src/TokenBroker.Sandbox/Dockerfile "$sandbox_image"
    check "it adds little to its base" image_is_small
    check "it runs as an ordinary user and is labeled" image_is_described
    check "it is compiled ahead of time" image_is_ready_to_run
    check "it lists its packages" sbom_is_complete "$work/image"
    check "the documented lines read that list" documented_lines_read_the_list
    check "it is compiled for the platform that is asked for" image_takes_the_platform
    check "without a configuration it lists the faults and ends with 1" faults_are_listed
    check "its health check fails if nothing answers" health_check_fails
    check "a command that does not exist is refused with 2" unknown_command_is_refused
}

# build DOCKERFILE IMAGE
build() {
    docker build --network "${BUILD_NETWORK:-default}" -f "$1" -t "$2" --build-arg "REVISION=$(git rev-parse HEAD)" . 2>&1 | tee "$work/build.log"
    [ "${PIPESTATUS[0]}" = 0 ] || return 1
    local size
    size=$(grep -m1 -oE '(build context to Docker daemon|transferring context:) +[0-9.]+ ?[kM]?B' "$work/build.log" | grep -oE '[0-9.]+ ?[kM]?B$' | tr -d ' B')
    size=$(numfmt --from=si "${size^^}")
    figure "build context $size bytes"
    [ "$size" -gt 0 ] && [ "$size" -lt "$most_context_bytes" ]
}

bytes_of() { docker image inspect -f '{{.Size}}' "$1"; }

image_is_small() {
    local added
    added=$(($(bytes_of "$broker_image") - $(bytes_of mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled)))
    figure "$added bytes over the base, $(bytes_of "$broker_image") in all"
    [ "$added" -lt "$most_image_bytes" ]
}

image_is_described() {
    local user
    user=$(docker image inspect -f '{{.Config.User}}' "$broker_image")
    [ "$user" != 0 ] && [ "$user" != root ] && [ -n "$user" ] &&
        [ "$(docker image inspect -f '{{index .Config.Labels "org.opencontainers.image.revision"}}' "$broker_image")" = "$(git rev-parse HEAD)" ] &&
        docker image inspect -f '{{json .Config.Healthcheck.Test}}' "$broker_image" | says '"CMD","dotnet","TokenBroker.dll","healthcheck"'
}

# The header of native code in a .NET assembly begins with these letters.
image_is_ready_to_run() {
    copy_program "$broker_image" "$work/image"
    LC_ALL=C grep -qaP 'RTR\x00' "$work/image/TokenBroker.dll" && is_ready_for "$(docker image inspect -f '{{.Architecture}}' "$broker_image")" "$work/image/TokenBroker.dll"
}

documented_lines_read_the_list() {
    lines_of docs/deployment.md 'docker cp' | sed "s/ token-broker\$/ $broker_image/; s/token-broker-files/&-$$/" >"$work/list.sh"
    (cd "$work" && bash -eu list.sh >list.log)
    cat "$work/list.log"
    grep -q '^StackExchange.Redis [0-9]' "$work/list.log"
}

# The stage that compiles is enough: the base of another platform is not always at hand. BuildKit sets TARGETARCH by --platform.
image_takes_the_platform() {
    local other=arm64
    [ "$(docker image inspect -f '{{.Architecture}}' "$broker_image")" = amd64 ] || other=amd64
    docker build --network "${BUILD_NETWORK:-default}" -f src/TokenBroker/Dockerfile -t "$broker_image-$other" --target build --build-arg "TARGETARCH=$other" . &&
        copy_program "$broker_image-$other" "$work/other" && is_ready_for "$other" "$work/other/TokenBroker.dll" && sbom_is_complete "$work/other" && docker rmi "$broker_image-$other"
}

# copy_program IMAGE FOLDER: nothing is run, but an image without a command of its own wants one named.
copy_program() {
    local container
    container=$(docker create "$1" none) || return
    docker cp "$container:/app" "$2"
    docker rm "$container" >/dev/null
}

# hardened COMMAND…
hardened() { docker run --rm --network none --read-only --cap-drop ALL --security-opt no-new-privileges "$broker_image" "$@"; }

faults_are_listed() {
    local code=0
    hardened >"$work/faults.log" 2>&1 || code=$?
    cat "$work/faults.log"
    [ "$code" = 1 ] && grep -q '^  GitHub:App: ' "$work/faults.log"
}

health_check_fails() {
    local code=0
    hardened healthcheck || code=$?
    [ "$code" = 1 ]
}

unknown_command_is_refused() {
    local code=0
    hardened mint || code=$?
    [ "$code" = 2 ]
}
