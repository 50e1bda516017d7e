# What `run` and `full` share: parts that are timed, shown and counted, and the peers that they need. Sourced, not run.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed_in_all=0
failed_in_all=0
failed_parts=()

# Nothing that an earlier run has fetched may hide that something is missing.
export npm_config_cache=$work/npm-cache

# What is counted is read from the output, where colours, and what npm says of newer releases, are in the way.
unset FORCE_COLOR
export npm_config_update_notifier=false

# Runs one part with its output shown, and says what it came to and how long it took. Leaves that in `passed`, `failed`,
# `seconds`, and the output in `$work/output`. Its exit code is the command's.
part() {
  local name=$1 began=$SECONDS status
  shift
  printf '\n=== %s\n' "$name"
  "$@" 2>&1 </dev/null | tee "$work/output"
  status=${PIPESTATUS[0]}
  seconds=$((SECONDS - began))
  count "$status"
  printf '=== %s: %d min %02d s, exit %d, %d passed, %d failed\n' \
    "$name" $((seconds / 60)) $((seconds % 60)) "$status" "$passed" "$failed"
  passed_in_all=$((passed_in_all + passed))
  failed_in_all=$((failed_in_all + failed))
  [ "$failed" -eq 0 ] || failed_parts+=("$name")
  return "$status"
}

# Reads from a part's output how much of it passed and failed. A closing line "12 passed, 0 failed" speaks for the whole
# part, whatever else is said behind it; without one node:test's counters are added up ("ℹ pass 12"), and a part without
# either counts as one. A test that was cancelled, because what its suite needs could not be set up, or that was skipped,
# has not passed; nor has a part that says that it ran nothing.
count() {
  local closing
  closing=$(grep -E "$CLOSING|$COUNTER" "$work/output" | tail -n 1 | grep -E "$CLOSING")
  if [ -n "$closing" ]; then
    passed=$(sum '([0-9]+) (passed)' <<<"$closing")
    failed=$(sum '([0-9]+) (failed|skipped)' <<<"$closing")
  elif grep -qE "$COUNTER" "$work/output"; then
    passed=$(sum '(ℹ|#) pass ([0-9]+)' <"$work/output")
    failed=$(sum '(ℹ|#) (fail|cancelled|skipped|todo) ([0-9]+)' <"$work/output")
  else
    passed=$(($1 == 0))
    failed=0
  fi
  # It can fail without a failed test, as when the formatter complains, or what a suite does at its end.
  [ "$1" -eq 0 ] && [ $((passed + failed)) -gt 0 ] || [ "$failed" -gt 0 ] || failed=1
}
CLOSING='^[0-9]+ passed(, [0-9]+ [a-z]+)*$'
COUNTER='^(ℹ|#) pass [0-9]+$'

# Adds up the numbers in what a pattern matches at the beginning of a line or behind a comma.
sum() {
  grep -oE "(^|, )$1\b" | grep -oE '[0-9]+' | awk '{ sum += $1 } END { print sum + 0 }'
}

# Runs what prepares this shell for the parts to come, which no part can do: what it sets must last.
prepare() {
  "$@" || fail "$1"
}

# Counts something as failed that is no part.
fail() {
  failed_in_all=$((failed_in_all + 1))
  failed_parts+=("$1")
}

# As root, also where the caller is not.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Installs one of Debian's packages if the command that it brings is not there: `ensure_package COMMAND PACKAGE`.
ensure_package() {
  command -v "$1" >/dev/null && return 0
  as_root apt-get update -qq && as_root apt-get install -y -qq --no-install-recommends "$2"
}

# Lets a user who is not root make namespaces, as some cases of interop do. Ubuntu refuses that since 23.10 by a setting
# that only root can read or change; it stays as it is wherever a namespace can be made.
ensure_namespaces() {
  local setting=kernel.apparmor_restrict_unprivileged_userns
  ! unshare --map-root-user --net ip link set lo up 2>/dev/null || return 0
  [ -e "/proc/sys/${setting//.//}" ] || return 0
  echo "users may make no namespaces: setting $setting to 0 until the next start of the machine"
  as_root sysctl -q -w "$setting=0"
}

# The oldest release of Node that is supported, whatever the machine has. npm stays the machine's.
ensure_oldest_node() {
  local bin
  bin=$(node tools/node-release.mjs oldest) || return 1
  PATH=$bin:$PATH
  node --version
}

# Go builds the real memberlist peers, and Serf, that interop talks to.
ensure_go() {
  [ ! -x /usr/local/go/bin/go ] || PATH=$PATH:/usr/local/go/bin
  ensure_package go golang-go && go version || return 1
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

# Prints the closing line, and returns whether everything passed.
close() {
  [ "${#failed_parts[@]}" -eq 0 ] || printf '\nfailed: %s\n' "${failed_parts[*]}"
  printf '\n%d min in all\n%d passed, %d failed\n' $(((SECONDS + 59) / 60)) "$passed_in_all" "$failed_in_all"
  [ "$failed_in_all" -eq 0 ]
}
