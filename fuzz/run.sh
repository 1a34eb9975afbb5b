#!/usr/bin/env bash
# Runs every fuzz target for SECONDS_EACH seconds (60 if unset), one after the other, or those that are named. Prints a
# table; ends with failure where a target crashed. What crashed lies in fuzz/artifacts, what was found on the way in
# fuzz/found (neither is committed: a crash becomes a file of fuzz/corpus once it is mended).
#
# No sanitizer: those need a nightly compiler, and this code has no unsafe parser to watch. libFuzzer's own coverage works
# on stable. Assertions and checks for overflow are on (-a).
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${SECONDS_EACH:-60}
command -v cargo-fuzz >/dev/null || cargo install cargo-fuzz --locked

targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(cargo fuzz list)
cargo fuzz build --sanitizer none -a
programs=fuzz/target/$(rustc -vV | sed -n 's/^host: //p')/release

log=$(mktemp)
trap 'rm -f "$log"' EXIT
failed=0
printf '%-14s %12s %8s %8s  %s\n' target executions seconds corpus result
for target in "${targets[@]}"; do
  mkdir -p "fuzz/found/$target" "fuzz/artifacts/$target"
  result=well
  # 4 KiB: longer than most of these messages, and sound is alike all the way. Length itself is for unit tests.
  "$programs/$target" "fuzz/found/$target" "fuzz/corpus/$target" -artifact_prefix="fuzz/artifacts/$target/" \
    -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 >"$log" 2>&1 || result=CRASHED
  executed=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  took=$(sed -n 's/^Done [0-9]* runs in \([0-9]*\) second.*/\1/p' "$log")
  printf '%-14s %12s %8s %8s  %s\n' "$target" "${executed:--}" "${took:--}" "$(find "fuzz/found/$target" -type f | wc -l)" "$result"
  if [ "$result" != well ]; then
    failed=$((failed + 1))
    grep -a -E 'panicked at|ERROR: libFuzzer|Test unit written' -A1 "$log" | head -12
  fi
done
echo "$(( ${#targets[@]} - failed )) passed, $failed failed"
[ "$failed" = 0 ]
