#!/usr/bin/env bash
# consistent-hash 1.2.2 (npm).
# Guess: two rings with the same members, added in the same order, give every key the same owner.
# Seen: they disagree about most keys, because each ring draws its points by chance unless `distribution: "uniform"` is given.
# With "uniform" they agree, but members added in another order own other keys: so with either setting two processes that learn
# of their members in different orders disagree about who owns a key. The output is below, between the lines SEEN.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . consistent-hash@1.2.2
cat >seen <<'SEEN'
default, same members, same order: most keys have another owner
uniform, same members, same order: no key has another owner
uniform, same members, other order: every key has another owner
SEEN
cat >probe.cjs <<'JS'
const ConsistentHash = require("consistent-hash");
const names = ["10.0.0.1:7946", "10.0.0.2:7946", "10.0.0.3:7946", "10.0.0.4:7946"];
const keys = Array.from({ length: 20_000 }, (_, i) => `user:${i}`);
const ring = (members, options) => members.reduce((made, name) => made.add(name), new ConsistentHash(options));
const uniform = { distribution: "uniform" };
const moved = (one, other) => {
  const share = keys.filter((key) => one.get(key) !== other.get(key)).length / keys.length;
  if (share === 0) return "no key has another owner";
  if (share === 1) return "every key has another owner";
  return share > 0.5 ? "most keys have another owner" : `${keys.length * share} keys have another owner`;
};
console.log(`default, same members, same order: ${moved(ring(names), ring(names))}`);
console.log(`uniform, same members, same order: ${moved(ring(names, uniform), ring(names, uniform))}`);
console.log(`uniform, same members, other order: ${moved(ring(names, uniform), ring([...names].reverse(), uniform))}`);
JS
node probe.cjs | tee output
diff seen output || { echo "what was seen has changed" >&2; exit 1; }
