#!/usr/bin/env bash
# What a CI run is about: the commits since LEAKSTOP_BASE, or without one the files as they are.
# Writes a SARIF report to LEAKSTOP_SARIF; further arguments go to leakstop.
set -euo pipefail

base=${LEAKSTOP_BASE:-}
sarif=${LEAKSTOP_SARIF:-leakstop.sarif}

# A new branch has no commit before its first: its name is all zeros.
if [[ $base =~ ^0*$ ]]; then
  exec leakstop scan --report "sarif=$sarif" "$@"
fi
exec leakstop history "$base..HEAD" --require-complete --report "sarif=$sarif" "$@"
