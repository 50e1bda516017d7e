#!/usr/bin/env bash
# bonjour-service 1.4.4 (npm), seen by multicast-dns 7.2.5.
# Guess: a service is announced under the name that it was given; a Buffer in its TXT record arrives byte by byte; the SRV
# record leads to a name below .local, which multicast DNS can resolve; a value too long for a TXT string is refused; a name
# that is taken is reported by the service's "error" event, or changed as RFC 6762, section 9, says.
# Seen: dots in the name become dashes ("api.1" is announced as "api-1"). Bytes that are not UTF-8 arrive as EF BF BD.
# The SRV record has the bare host name. With a value of 300 bytes the service reports "up", and neither a browser's query
# nor one for its TXT record is answered. A taken name is printed on stderr, no event comes, and the service is not announced.
# The output, in the order of the alphabet, is below, between the lines SEEN.
# Needs ip and unshare: the multicast stays in a network namespace of its own.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . bonjour-service@1.4.4 multicast-dns@7.2.5
cat >seen <<'SEEN'
Error: Service name is already in use on the network
api-1 PTR
api-1 SRV somehost 1001
api-1 TXT 7261773defbfbdefbfbd 6e6f74653d78787878787878787878
api.1:1001 is up
long SRV somehost 1002
long:1002 is up
twice PTR
twice SRV somehost 1003
twice TXT 7261773defbfbdefbfbd 6e6f74653d78787878787878787878
twice:1003 is up
SEEN
cat >publish.cjs <<'JS'
const { Bonjour } = require("bonjour-service");
const [, , name, port, bytes] = process.argv;
const bonjour = new Bonjour({}, (error) => console.log("callback:", error.message));
const txt = { raw: Buffer.from([0xff, 0xfe]), note: "x".repeat(Number(bytes)) };
const service = bonjour.publish({ name, type: "hearsay", port: Number(port), txt });
service.on("up", () => console.log(`${name}:${port} is up`));
service.on("error", (error) => console.log(`${name}:${port} error event: ${error.message}`));
setTimeout(() => process.exit(0), 20_000);
JS
cat >seen.cjs <<'JS'
const mdns = require("multicast-dns")();
const records = new Map();
mdns.on("response", ({ answers, additionals }) => {
  for (const record of [...answers, ...additionals]) records.set(`${record.type} ${record.name} ${JSON.stringify(record.data)}`, record);
});
const instance = process.argv[2];
const ask = () => {
  mdns.query("_hearsay._tcp.local", "PTR");
  for (const type of ["SRV", "TXT"]) mdns.query(`${instance}._hearsay._tcp.local`, type);
};
ask();
setTimeout(ask, 500);
setTimeout(() => {
  for (const { type, name, data } of records.values()) {
    if (type === "PTR" && data.startsWith(`${instance}.`)) console.log(`${instance} PTR`);
    if (!name.startsWith(`${instance}.`)) continue;
    if (type === "SRV") console.log(`${instance} SRV ${data.target} ${data.port}`);
    if (type === "TXT") console.log(`${instance} TXT ${data.map((text) => text.toString("hex")).join(" ")}`);
  }
  process.exit(0);
}, 1_500);
JS
unshare -rn --uts bash -euo pipefail <<'NAMESPACE' | sed '/^    at /d' | LC_ALL=C sort | tee output
hostname somehost
ip link set lo up
ip link add eth0 type veth peer name peer0
ip link set peer0 up && ip link set eth0 up
ip addr add 10.9.0.1/24 dev eth0
ip route add default dev eth0
node publish.cjs api.1 1001 10 2>&1 &
node publish.cjs long 1002 300 2>&1 &
node publish.cjs twice 1003 10 2>&1 &
sleep 3
node publish.cjs twice 1004 10 2>&1 &
sleep 3
for instance in api-1 long twice; do node seen.cjs "$instance"; done
wait
NAMESPACE
diff seen output || { echo "what was seen has changed" >&2; exit 1; }
