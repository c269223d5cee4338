# shellcheck shell=bash
# What the steps share: counting, checks, the sandbox, and the blocks of the documentation. .ci/run sources it.

results=$(mktemp -d)
sandbox=
redis=
engine=
end() {
    for process in $sandbox $redis $engine; do kill "$process" 2>/dev/null || true; done
    rm -rf "$results"
}
trap end EXIT

passed=0
failed=0
# Printed once more at the end, where a reader of a long log looks first.
failures=$results/failures
touch "$failures"

# fail WHAT
fail() {
    failed=$((failed + 1))
    echo "FAILED: $1" | tee -a "$failures"
}

step() { printf '\n== %s\n' "$*"; }

# A check outside the test runner counts as one test.
check() {
    local name=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
        echo "ok: $name"
    else
        fail "$name"
    fi
}

# Adds the counts of a last line "N passed, N failed".
# shellcheck disable=SC2001
add_counts() {
    passed=$((passed + ${1%% *}))
    failed=$((failed + $(sed 's/.*, \([0-9]*\) failed/\1/' <<<"$1")))
}

# documented_line PATTERN: the first line of README.md and docs that matches.
documented_line() { awk -v pattern="$1" '!found && $0 ~ pattern { print; found = 1 }' README.md docs/*.md; }

# documented_block PATTERN: the first bash block of README.md and docs with a line that matches.
documented_block() {
    awk -v pattern="$1" '
        /^```bash/ { block = ""; matches = 0; on = 1; next }
        /^```/ { if (on && matches && !found) { printf "%s", block; found = 1 } on = 0 }
        on { block = block $0 "\n"; if ($0 ~ pattern) matches = 1 }
    ' README.md docs/*.md
}

start_sandbox() {
    rm -f "$results/sandbox.log"
    dotnet run --project src/TokenBroker.Sandbox -- "$@" >"$results/sandbox.log" 2>&1 &
    sandbox=$!
    for _ in $(seq 450); do
        grep -qs '^curl ' "$results/sandbox.log" && return
        sleep 0.1
    done
}

end_sandbox() {
    local program
    program=$(pgrep -P "$sandbox" | head -1)
    kill -TERM "${program:-$sandbox}"
    for _ in $(seq 300); do
        kill -0 "$sandbox" 2>/dev/null || { sandbox=; return 0; }
        sleep 0.1
    done
    return 1
}
