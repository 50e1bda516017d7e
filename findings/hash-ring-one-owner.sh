#!/usr/bin/env bash
# hash-ring 1.0.1 (npm).
# Guess: with four members and 128 points each, each member owns about a quarter of the keys.
# Seen: one member owns every key that begins with a letter, whatever the hash method and the number of points. The ring
# compares the key's own text, and not its hash, with the points.
set -euo pipefail
cd "$(mktemp -d)" && trap 'rm -rf "$PWD"' EXIT
npm install --silent --no-audit --no-fund --prefix . hash-ring@1.0.1
cat >probe.cjs <<'JS'
const assert = require("node:assert/strict");
const HashRing = require("hash-ring");
const names = ["10.0.0.1:7946", "10.0.0.2:7946", "10.0.0.3:7946", "10.0.0.4:7946"];
for (const options of [{}, { hashMethod: "md5" }, { replicas: 500 }]) {
  const ring = new HashRing(names, options);
  const owners = new Map();
  for (let i = 0; i < 20_000; i++) owners.set(ring.getNode(`user:${i}`), (owners.get(ring.getNode(`user:${i}`)) ?? 0) + 1);
  console.log(JSON.stringify(options), Object.fromEntries(owners));
  assert.equal(owners.size, 1);
}
JS
node probe.cjs
