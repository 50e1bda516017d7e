#!/usr/bin/env bash
# hash-ring 1.0.1 (npm).
# Guess: with four members and 128 points each, each member owns about a quarter of the keys.
# Seen: one member owns every key that begins with a letter, whatever the hash method and the number of points. The ring
# compares the key's own text, and not its hash, with the points. The output is below, between the lines SEEN.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . hash-ring@1.0.1
cat >seen <<'SEEN'
{} { '10.0.0.3:7946': 20000 }
{"hashMethod":"md5"} { '10.0.0.3:7946': 20000 }
{"replicas":500} { '10.0.0.3:7946': 20000 }
SEEN
cat >probe.cjs <<'JS'
const HashRing = require("hash-ring");
const names = ["10.0.0.1:7946", "10.0.0.2:7946", "10.0.0.3:7946", "10.0.0.4:7946"];
for (const options of [{}, { hashMethod: "md5" }, { replicas: 500 }]) {
  const ring = new HashRing(names, options);
  const owned = {};
  for (let i = 0; i < 20_000; i++) {
    const owner = ring.getNode(`user:${i}`);
    owned[owner] = (owned[owner] ?? 0) + 1;
  }
  console.log(JSON.stringify(options), owned);
}
JS
node probe.cjs | tee output
diff seen output || { echo "what was seen has changed" >&2; exit 1; }
