# shellcheck shell=bash
# What the checks of every part share.

passed=0
failed=0
skipped=0
endings=()

step() { printf '\n== %s\n' "$*"; }

# check NAME COMMAND…: the command's output is shown where it fails.
check() {
    local name=$1 seconds=$SECONDS
    shift
    if "$@" >"$work/check.log" 2>&1; then
        passed=$((passed + 1))
        echo "ok: $name ($((SECONDS - seconds)) s)"
        grep '^figure: ' "$work/check.log" || true
    else
        failed=$((failed + 1))
        echo "FAILED: $name"
        tail -n 40 "$work/check.log"
    fi
}

figure() { echo "figure: $*"; }

# skip WHAT REASON
skip() {
    if [ "${REQUIRE_DEPLOYMENT:-0}" = 1 ]; then
        failed=$((failed + 1))
        echo "FAILED: $1 must be checked here: $2"
    else
        skipped=$((skipped + 1))
        echo "skipped: $1: $2"
    fi
}

# Runs at the end whatever happens, the last one first.
at_end() { endings=("$1" "${endings[@]}"); }

end() {
    local ending
    for ending in "${endings[@]}"; do "$ending" >/dev/null 2>&1 || true; done
    end_callers
    rm -rf "$work"
}

# await SECONDS COMMAND…
await() {
    local tries=$(($1 * 5))
    shift
    while [ "$tries" -gt 0 ]; do
        "$@" >/dev/null 2>&1 && return
        tries=$((tries - 1))
        sleep 0.2
    done
    echo "It never happened: $*"
    return 1
}

# lines_of DOCUMENT TEXT: the document's block of commands that holds the text.
lines_of() { awk -v "text=$2" '/^```bash/{block="";on=1;next} /^```/{if(on&&index(block,text))printf "%s",block;on=0} on{block=block $0 "\n"}' "$1"; }

has() { command -v "$1" >/dev/null; }

# says GREP'S-ARGUMENTS: grep -q that reads to the end. In a pipe, grep -q may end before its writer has written: the writer
# fails, pipefail calls that a failure, and "! writer | grep -q" a success.
says() {
    local text
    text=$(cat)
    grep -q "$@" <<<"$text"
}

# Callers that ask without pause, each for itself, with a new connection each time as a boot script has it.
callers=()

# start_callers URL JWT HOW-MANY [curl's options]
start_callers() {
    local url=$1 jwt=$2 count=$3 number
    shift 3
    rm -f "$work"/answers.*
    touch "$work/asking"
    printf 'header = "Authorization: Bearer %s"\n' "$jwt" >"$work/caller"
    for number in $(seq "$count"); do
        while [ -e "$work/asking" ]; do
            curl -s -m 30 -o /dev/null -w '%{http_code}\n' -X POST -K "$work/caller" "$@" "$url" >>"$work/answers.$number" || true
        done &
        callers+=($!)
    done
}

end_callers() {
    rm -f "$work/asking"
    [ ${#callers[@]} = 0 ] || wait "${callers[@]}" 2>/dev/null || true
    callers=()
}

# Ends them; fails if one of them was ever not served.
no_caller_was_lost() {
    end_callers
    local answers lost
    answers=$(cat "$work"/answers.* | wc -l)
    lost=$(cat "$work"/answers.* | grep -vc '^201$' || true)
    figure "$answers requests, $lost lost"
    [ "$lost" = 0 ] && [ "$answers" -gt 50 ] && return
    sort "$work"/answers.* | uniq -c
    return 1
}
