# shellcheck shell=bash
step "Tests"
before=$passed
if ! dotnet test --nologo --logger "trx" --results-directory "$results"; then echo "Some tests failed."; fi
for report in "$results"/*.trx; do
    counters=$(grep -o '<Counters [^>]*>' "$report")
    passed=$((passed + $(sed 's/.* passed="\([0-9]*\)".*/\1/' <<<"$counters")))
    failed=$((failed + $(sed 's/.* failed="\([0-9]*\)".*/\1/' <<<"$counters")))
    awk '/<UnitTestResult .*outcome="Failed"/ { lines = 60 } /<StdOut>/ { said = 1 } said { said++ } /<\/StdOut>/ { said = 0 } lines > 0 && said < 20 { print; lines-- } /<\/UnitTestResult>/ { lines = 0 }' "$report" >>"$failures"
done
[ "$((passed - before))" -gt 100 ] || fail "the tests did not run"
