# shellcheck shell=bash
step "GitHub's clients and its published contract"
run_conformance() {
    command -v npm >/dev/null || { echo "Node 20 or newer is needed, with npm."; return 1; }
    npm --prefix tests/conformance ci --no-audit --no-fund || return 1
    npm --prefix tests/conformance test | tee "$results/conformance.log"
}
touch "$results/conformance.log"
run_conformance || echo "Some of it failed."
# A test that was cancelled did not pass either.
total() { awk -v "names=$1" '$1 == "ℹ" && $2 ~ "^(" names ")$" { sum += $3 } END { print sum + 0 }' "$results/conformance.log"; }
passed=$((passed + $(total pass)))
failed=$((failed + $(total 'fail|cancelled')))
grep '✖' "$results/conformance.log" >>"$failures" || true
[ "$(total pass)" -gt 200 ] || fail "the clients did not run"
