# shellcheck shell=bash
step "Formatting"
check "formatting" dotnet format --no-restore --verify-no-changes
