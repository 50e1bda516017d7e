#!/usr/bin/env bash
# hashring 3.2.0 (npm).
# Guess: a member of weight 0 owns nothing, as a member that is to be drained should.
# Seen: weight 0 counts as weight 1. (Python's uhashring 2.4 and Go's serialx/hashring give such a member nothing.)
set -euo pipefail
cd "$(mktemp -d)" && trap 'rm -rf "$PWD"' EXIT
npm install --silent --no-audit --no-fund --prefix . hashring@3.2.0
cat >probe.cjs <<'JS'
const assert = require("node:assert/strict");
const HashRing = require("hashring");
const owned = (ring, name) => Array.from({ length: 20_000 }, (_, i) => ring.get(`user:${i}`)).filter((owner) => owner === name).length;
const drained = new HashRing({ "a:1": { weight: 0 }, "b:1": { weight: 1 } });
const even = new HashRing({ "a:1": { weight: 1 }, "b:1": { weight: 1 } });
console.log(`of 20,000 keys the member of weight 0 owns ${owned(drained, "a:1")}; with weight 1 it owns ${owned(even, "a:1")}`);
assert.equal(owned(drained, "a:1"), owned(even, "a:1"));
assert.ok(owned(drained, "a:1") > 5_000);
JS
node probe.cjs
