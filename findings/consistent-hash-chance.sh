#!/usr/bin/env bash
# consistent-hash 1.2.2 (npm).
# Guess: two rings with the same members, added in the same order, give every key the same owner.
# Seen: they disagree about two keys of three and more, because each ring draws its points by chance unless
# `distribution: "uniform"` is given. With "uniform" they agree, but members added in another order still own other keys.
# So with either setting two processes that learn of their members in different orders disagree about who owns a key.
set -euo pipefail
cd "$(mktemp -d)" && trap 'rm -rf "$PWD"' EXIT
npm install --silent --no-audit --no-fund --prefix . consistent-hash@1.2.2
cat >probe.cjs <<'JS'
const assert = require("node:assert/strict");
const ConsistentHash = require("consistent-hash");
const names = ["10.0.0.1:7946", "10.0.0.2:7946", "10.0.0.3:7946", "10.0.0.4:7946"];
const keys = Array.from({ length: 20_000 }, (_, i) => `user:${i}`);
const ring = (members, options) => members.reduce((made, name) => made.add(name), new ConsistentHash(options));
const share = (one, other) => keys.filter((key) => one.get(key) !== other.get(key)).length / keys.length;

const byDefault = share(ring(names), ring(names));
const uniform = share(ring(names, { distribution: "uniform" }), ring(names, { distribution: "uniform" }));
const reversed = share(ring(names, { distribution: "uniform" }), ring([...names].reverse(), { distribution: "uniform" }));
console.log(`default, same members, same order: ${(byDefault * 100).toFixed(1)} % of the keys have another owner`);
console.log(`uniform, same members, same order: ${(uniform * 100).toFixed(1)} %`);
console.log(`uniform, same members, other order: ${(reversed * 100).toFixed(1)} %`);
assert.ok(byDefault > 0.3);
assert.equal(uniform, 0);
assert.ok(reversed > 0.5);
JS
node probe.cjs
