#!/usr/bin/env bash
# jumphash 0.2.2 (npm).
# Guess: a key given as a Buffer is hashed whole, and goes where the same text as a string goes.
# Seen: only the first eight bytes of a Buffer count, unhashed, so keys with a common prefix of eight bytes always share a
# bucket; and the same text as a string goes elsewhere.
set -euo pipefail
cd "$(mktemp -d)" && trap 'rm -rf "$PWD"' EXIT
npm install --silent --no-audit --no-fund --prefix . jumphash@0.2.2
cat >probe.cjs <<'JS'
const assert = require("node:assert/strict");
const jumphash = require("jumphash");
const keys = Array.from({ length: 1_000 }, (_, i) => `session:${i}`);
const asBuffers = new Set(keys.map((key) => jumphash(Buffer.from(key), 1_000)));
const asStrings = new Set(keys.map((key) => jumphash(key, 1_000)));
console.log(`1,000 keys, 1,000 buckets: ${asBuffers.size} bucket used by Buffers, ${asStrings.size} by strings`);
assert.equal(asBuffers.size, 1);
assert.ok(asStrings.size > 500);
JS
node probe.cjs
