# What `run` and `full` share: parts that are timed, shown and counted, and the peers that they need. Sourced, not run.

output=$(mktemp)
fresh_cache=$(mktemp -d)
trap 'rm -rf "$output" "$fresh_cache"' EXIT
failed_parts=()

# Nothing that an earlier run has fetched may hide that something is missing.
export npm_config_cache=$fresh_cache

# Runs one part with its output shown and kept, and says how long it took.
part() {
  local name=$1 began=$SECONDS status
  shift
  printf '\n=== %s\n' "$name"
  "$@" 2>&1 </dev/null | tee -a "$output"
  status=${PIPESTATUS[0]}
  local seconds=$((SECONDS - began))
  printf '=== %s: %d min %02d s, exit %d\n' "$name" $((seconds / 60)) $((seconds % 60)) "$status"
  [ "$status" -eq 0 ] || failed_parts+=("$name")
  return "$status"
}

# As root, also where the caller is not.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Installs Debian's packages that bring commands which are not there: `ensure_package COMMAND PACKAGE`.
ensure_package() {
  command -v "$1" >/dev/null && return 0
  as_root apt-get update -qq && as_root apt-get install -y -qq --no-install-recommends "$2"
}

# Go builds the real memberlist peers, and Serf, that interop talks to.
ensure_go() {
  [ ! -x /usr/local/go/bin/go ] || PATH=$PATH:/usr/local/go/bin
  ensure_package go golang-go || return 1
  go version
  # A distribution's Go may be too old to know how to fetch a newer one; any Go can fetch it as the module that it is.
  local wanted current module toolchain
  wanted=$(sed -nE 's/^go ([0-9.]+)$/\1/p' interop/peer/go.mod interop/serf/go.mod | sort -V | tail -n 1)
  current=$(go env GOVERSION | sed 's/^go//')
  [ "$(printf '%s\n' "$wanted" "$current" | sort -V | head -n 1)" = "$wanted" ] && return 0
  module=$(cd / && go mod download -json "golang.org/toolchain@v0.0.1-go$wanted.linux-$(go env GOARCH)") || return 1
  toolchain=$(sed -nE 's/^\t"Dir": "(.*)",?$/\1/p' <<<"$module")
  chmod -R u+w "$toolchain" && chmod +x "$toolchain"/bin/* "$toolchain"/pkg/tool/*/* || return 1
  PATH=$toolchain/bin:$PATH
  go version
}

# Sums what all summaries say of some words: node:test writes "ℹ pass 12", ours "12 passed, 0 failed".
sum() {
  grep -oE "^(ℹ|#) ($1) [0-9]+\$|^([0-9]+ [a-z]+(, |\$))+" "$output" |
    grep -oE "($1) [0-9]+|[0-9]+ ($1)\b" | grep -oE '[0-9]+' | awk '{ sum += $1 } END { print sum + 0 }'
}

# Prints the closing line, and returns whether everything passed. A test that was cancelled, because what its suite needs
# could not be set up, or that was skipped, has not passed.
close() {
  local passed failed
  passed=$(sum 'pass|passed')
  failed=$(sum 'fail|failed|cancelled|skipped|todo')
  # A part can fail without a failed test, as when the formatter or the compiler complains.
  if [ "${#failed_parts[@]}" -gt 0 ]; then
    printf '\nfailed: %s\n' "${failed_parts[*]}"
    [ "$failed" -gt 0 ] || failed=${#failed_parts[@]}
  fi
  printf '\n%d min in all\n%d passed, %d failed\n' $(((SECONDS + 59) / 60)) "$passed" "$failed"
  [ "$failed" -eq 0 ]
}
