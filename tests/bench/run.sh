#!/usr/bin/env bash
# Builds the release and its yardsticks, and measures one against the other: goal, measured, met. ./dev bench installs what it needs
# and calls this. CPU times are compared within one run and interleaved; absolute figures mean nothing on a shared machine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

programs=(latchkey latchkeyd latchkey-keyserver latchkey-service)

cmake --preset release -DLATCHKEY_BENCH=ON >/dev/null
known=$(ninja -C build/release -t targets all)
targets=(bench)
for program in "${programs[@]}"; do
    grep -q "^$program:" <<<"$known" && targets+=("$program")
done
cmake --build --preset release --parallel "$(nproc)" --target "${targets[@]}"
build/release/bench/latchkey-bench --benchmark_min_time=0.1 2>/dev/null
exec python3 tests/bench/bench.py build/release "$@"
