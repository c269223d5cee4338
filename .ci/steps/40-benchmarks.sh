# shellcheck shell=bash
step "Benchmarks"
# Whether they run; what they measure on a shared machine means nothing.
benchmarks_run() {
    dotnet run -c Release --project tests/TokenBroker.Benchmarks -- policies --dry >"$results/benchmarks.log" 2>&1 &&
        dotnet run -c Release --no-build --project tests/TokenBroker.Benchmarks -- throughput --dry >>"$results/benchmarks.log" 2>&1 &&
        TMPDIR=$results dotnet run -c Release --no-build --project tests/TokenBroker.Benchmarks -- compare --dry --against src/TokenBroker/bin/Release/net10.0 >>"$results/benchmarks.log" 2>&1 &&
        grep -q '^Literal .*%' "$results/benchmarks.log" &&
        [ "$(grep -cE '^\| (bare endpoint|bare endpoint, one RSA signature|this broker|other broker) \| (one|new) \| [0-9]' "$results/benchmarks.log")" = 8 ] &&
        [ "$(grep -c '^CPU of an answer, this broker / other broker, JWTs: ' "$results/benchmarks.log")" = 2 ] &&
        ! pgrep -f "$results/token-broker-|$PWD/tests/TokenBroker.Benchmarks/.* floor" >/dev/null || { tail -n 30 "$results/benchmarks.log"; return 1; }
}
check "the benchmarks run" benchmarks_run
