# shellcheck shell=bash
step "The documentation's own lines"
published_broker_lists_its_faults() {
    dotnet publish src/TokenBroker -c Release -o "$results/publish" --nologo >/dev/null || return 1
    ! (cd / && dotnet "$results/publish/TokenBroker.dll" >"$results/faults.log" 2>&1) && grep -q '^  GitHub:App: ' "$results/faults.log"
}
check "a published broker without configuration lists its faults" published_broker_lists_its_faults

# The documented ten minutes are ten seconds here; the minute's run is among the tests.
soak_is_run_by_one_line() {
    local line
    line=$(documented_line '^SOAK_SECONDS=600 ' | sed 's/=600 /=10 /; s/dotnet run /dotnet run --no-build /') && [ -n "$line" ] || return 1
    bash -c "$line" >"$results/soak.log" 2>&1 && grep -q 'Total: 1, Errors: 0, Failed: 0, Skipped: 0' "$results/soak.log" || { tail -n 30 "$results/soak.log"; return 1; }
}
check "the documented soak" soak_is_run_by_one_line
