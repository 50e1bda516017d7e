#!/usr/bin/env bash
# hashring 3.2.0 (npm).
# Guess: a member of weight 0 owns nothing, as a member that is to be drained should.
# Seen: weight 0 counts as weight 1. (Python's uhashring 2.4 and Go's serialx/hashring give such a member nothing.) The output
# is below, between the lines SEEN.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . hashring@3.2.0
cat >seen <<'SEEN'
of 20,000 keys the member of weight 0 owns 9653
of 20,000 keys the same member with weight 1 owns 9653
SEEN
cat >probe.cjs <<'JS'
const HashRing = require("hashring");
const keys = Array.from({ length: 20_000 }, (_, i) => `user:${i}`);
const owned = (weight) => {
  const ring = new HashRing({ "a:1": { weight }, "b:1": { weight: 1 } });
  return keys.filter((key) => ring.get(key) === "a:1").length;
};
console.log(`of 20,000 keys the member of weight 0 owns ${owned(0)}`);
console.log(`of 20,000 keys the same member with weight 1 owns ${owned(1)}`);
JS
node probe.cjs | tee output
diff seen output || { echo "what was seen has changed" >&2; exit 1; }
