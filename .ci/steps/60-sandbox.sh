# shellcheck shell=bash
step "The sandbox, from outside"
start_sandbox
printed_line_works() {
    local line
    line=$(grep -m1 '^curl ' "$results/sandbox.log") || { cat "$results/sandbox.log"; return 1; }
    bash -c "$line" 2>/dev/null | jq -e '.token and .expires_at' >/dev/null
}
check "the printed curl line gives a token" printed_line_works

# The commands of docs/sandbox.md, as they stand there.
documented_commands_work() {
    awk '/^```bash/{on=1;next} /^```/{on=0} on' docs/sandbox.md >"$results/sandbox.sh"
    bash -eu "$results/sandbox.sh" >"$results/documented.log" && grep -q 'not valid' "$results/documented.log" && grep -q 'bad-gateway' "$results/documented.log"
}
check "the sandbox's documented commands work" documented_commands_work

check "the sandbox ends when asked to" end_sandbox
