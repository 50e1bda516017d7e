#!/usr/bin/env bash
# jumphash 0.2.2 (npm).
# Guess: a key given as a Buffer is hashed whole, and goes where the same text as a string goes.
# Seen: only the first eight bytes of a Buffer count, unhashed, so keys with a common prefix of eight bytes always share a
# bucket; and the same text as a string goes elsewhere. The output is below, between the lines SEEN.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . jumphash@0.2.2
cat >seen <<'SEEN'
1,000 keys with one prefix, 1,000 buckets
buckets used when the keys are Buffers: 1
buckets used when the keys are strings: 621
SEEN
cat >probe.cjs <<'JS'
const jumphash = require("jumphash");
const keys = Array.from({ length: 1_000 }, (_, i) => `session:${i}`);
const used = (form) => new Set(keys.map((key) => jumphash(form(key), 1_000))).size;
console.log("1,000 keys with one prefix, 1,000 buckets");
console.log(`buckets used when the keys are Buffers: ${used((key) => Buffer.from(key))}`);
console.log(`buckets used when the keys are strings: ${used((key) => key)}`);
JS
node probe.cjs | tee output
diff seen output || { echo "what was seen has changed" >&2; exit 1; }
