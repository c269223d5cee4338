# shellcheck shell=bash
step "Build"
dotnet build --nologo
