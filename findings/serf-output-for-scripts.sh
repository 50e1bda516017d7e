#!/usr/bin/env bash
# The serf command, github.com/hashicorp/serf v0.11.0 (Go).
# Guess: `serf members` prints a member's tags in one order, so that two calls can be compared; the JSON forms of the
# commands spell their keys alike; an agent refuses a configuration file with something behind its JSON object.
# Seen: the order of the tags changes from call to call while nothing changes. `serf members -format=json` has lower-case
# keys, `serf query -format=json` has upper-case ones, and null where no acknowledgements were asked for but {} where nobody has
# answered. Of two objects in one configuration file the second is ignored without a word.
# The output is below, between the lines SEEN. Needs ip and unshare: the agent runs in a network namespace of its own.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
GOBIN=$PWD go install github.com/hashicorp/serf/cmd/serf@v0.11.0
cat >seen <<'SEEN'
tags of one member, in 40 calls: several orders
keys of members: "members" "name" "addr" "port"
answer of query: "Acks": null "Responses": {}
name of the agent: first
SEEN
echo '{"node_name": "first"}{"node_name": "second"}' >agent.json
unshare -rn bash -euo pipefail <<'NAMESPACE' | tee output
ip link set lo up
./serf agent -config-file=agent.json -bind=127.0.0.1 -tag=a=1 -tag=b=2 -tag=c=3 -tag=d=4 >agent.log 2>&1 &
agent=$!
trap 'kill "$agent"; wait "$agent" || true' EXIT
for _ in $(seq 100); do ./serf info >/dev/null 2>&1 && break || sleep 0.1; done
orders=$(for _ in $(seq 40); do ./serf members; done | sort -u | wc -l)
echo "tags of one member, in 40 calls: $([ "$orders" -gt 1 ] && echo several orders || echo one order)"
./serf members -format=json >members.json
echo "keys of members: $(grep -oE '"(members|Members|name|Name|addr|Addr|port|Port)"' members.json | tr '\n' ' ' | sed 's/ $//')"
./serf query -format=json -no-ack -timeout=500ms nobody-answers >query.json
echo "answer of query: $(grep -oE '"[Aa]cks": [^,]*|"[Rr]esponses": \{\}' query.json | tr '\n' ' ' | sed 's/ $//')"
echo "name of the agent: $(sed -nE 's/.*"name": "(.*)",/\1/p' members.json)"
NAMESPACE
diff seen output || { echo "what was seen has changed" >&2; exit 1; }
