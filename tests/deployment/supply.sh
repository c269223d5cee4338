# shellcheck shell=bash
# What the program is made of: the list of its packages, arm64, and whether known vulnerabilities are found.

check_supply() {
    has dotnet || { skip "what the program is made of" "there is no dotnet"; return; }
    check "known vulnerabilities differ from none, and from a source without data" vulnerabilities_are_told_apart
    check "it is published for arm64, compiled ahead of time" arm64_is_published
    check "its list of packages is what it runs with" sbom_is_complete "$work/arm64/app"
    check "the same source gives the same list" sbom_is_repeatable
}

# The answers are those of "dotnet list package"; the first argument is about the canary, the second about the solution.
vulnerabilities_are_told_apart() {
    local none='{"version": 1, "projects": [{"path": "/a.csproj"}]}' canary package
    canary=$(vulnerable_package Newtonsoft.Json 12.0.3)
    package=$(vulnerable_package Polly.Core 8.9.1)
    vulnerabilities_are 0 "$canary" "$none" && grep -q '^No package' "$work/vulnerable.log" &&
        vulnerabilities_are 1 "$canary" "$package" && grep -q '^Polly.Core 8.9.1 High https://' "$work/vulnerable.log" &&
        vulnerabilities_are 3 "$none" "$none" && grep -q '^not checked: ' "$work/vulnerable.log" &&
        vulnerabilities_are 3 "$package" "$none" &&
        vulnerabilities_are 2 "$canary" "" &&
        vulnerabilities_are 2 "" "$none" &&
        vulnerabilities_are 2 "$canary" '{"version": 1, "problems": [{"text": "Restore first.", "level": "error"}], "projects": []}'
}

# vulnerable_package ID VERSION
vulnerable_package() {
    jq -n --arg id "$1" --arg version "$2" '{version: 1, projects: [{path: "/a.csproj", frameworks: [{framework: "net10.0", transitivePackages: [
        {id: $id, resolvedVersion: $version, vulnerabilities: [{severity: "High", advisoryurl: "https://github.com/advisories/GHSA-0"}]}]}]}]}'
}

# vulnerabilities_are CODE CANARY SOLUTION: what the check ends with where dotnet answers so; nothing stands for a dotnet that fails.
vulnerabilities_are() {
    local code=0
    mkdir -p "$work/dotnet"
    printf %s "$2" >"$work/dotnet/canary"
    printf %s "$3" >"$work/dotnet/solution"
    cat >"$work/dotnet/dotnet" <<'STUB'
#!/usr/bin/env bash
[ "$1" = restore ] && exit
about=solution
[ ! -e canary.csproj ] || about=canary
[ -s "$(dirname "$0")/$about" ] && cat "$(dirname "$0")/$about"
STUB
    chmod +x "$work/dotnet/dotnet"
    PATH=$work/dotnet:$PATH .ci/vulnerable-packages >"$work/vulnerable.log" 2>&1 || code=$?
    cat "$work/vulnerable.log"
    [ "$code" = "$1" ] || { echo "Exit code $code in place of $1"; return 1; }
}

# The documented lines; beside the tree, so that what was built there stays as it is.
arm64_is_published() {
    lines_of docs/deployment.md 'linux-arm64' | sed "s#-o published#-o $work/arm64/app --artifacts-path $work/arm64#" >"$work/arm64.sh"
    bash -eu "$work/arm64.sh" && is_ready_for arm64 "$work/arm64/app/TokenBroker.dll" || return
    # "\x7fELF", 64 bits, little endian; 183 is AArch64.
    [ "$(od -An -tx1 -N6 "$work/arm64/app/TokenBroker" | tr -d ' ')" = 7f454c460201 ] && [ "$(od -An -tu2 -j18 -N2 "$work/arm64/app/TokenBroker" | tr -d ' ')" = 183 ]
}

# An assembly that is not compiled says 014c, one that is compiled for Linux its processor's number combined with 7b79.
# See https://github.com/dotnet/runtime/blob/main/docs/design/coreclr/botr/readytorun-format.md
# is_ready_for ARCHITECTURE ASSEMBLY
is_ready_for() {
    local machine
    case $1 in
        amd64) machine=fd1d ;;
        arm64) machine=d11d ;;
        *) return 1 ;;
    esac
    [ "$(machine_of "$2")" = "$machine" ]
}

# machine_of ASSEMBLY
machine_of() {
    local header
    header=$(od -An -tu4 -j60 -N4 "$1")
    od -An -tx2 -j$((header + 4)) -N2 "$1" | tr -d ' '
}

# sbom_is_complete FOLDER: every package that the program loads is listed with its version, and no other.
sbom_is_complete() {
    jq -r '.libraries | to_entries[] | select(.value.type == "package") | .key' "$1/TokenBroker.deps.json" | sort >"$work/loaded"
    jq -r '.components[] | "\(.name)/\(.version)"' "$1/sbom.cdx.json" | sort >"$work/listed"
    figure "$(wc -l <"$work/listed") packages listed"
    [ -s "$work/loaded" ] && diff "$work/loaded" "$work/listed" &&
        jq -e '.bomFormat == "CycloneDX" and .metadata.component.name == "token-broker" and all(.components[]; .scope == "required" and .hashes and .purl)' "$1/sbom.cdx.json" >/dev/null
}

sbom_is_repeatable() {
    dotnet msbuild src/TokenBroker -t:WriteSbom -p:PublishSbom=true -p:ArtifactsPath="$work/arm64" -p:PublishDir="$work/again/" &&
        cmp "$work/arm64/app/sbom.cdx.json" "$work/again/sbom.cdx.json"
}
