#!/usr/bin/env bash
# The serf command, github.com/hashicorp/serf v0.11.0 (Go).
# Guess: `serf members` prints a member's tags in one order, so that two calls can be compared; the JSON forms of the
# commands spell their keys alike; an agent refuses a configuration file with something behind its JSON object.
# Seen: the order of the tags changes from call to call while nothing changes. `serf members -format=json` has lower-case
# keys, `serf query -format=json` has upper-case ones, and null where no acknowledgements were asked for but {} where nobody has
# answered. Of two objects in one configuration file the second is ignored without a word.
# Needs ip and unshare: the agent runs in a network namespace of its own.
set -euo pipefail
cd "$(mktemp -d)" && trap 'rm -rf "$PWD"' EXIT
GOBIN=$PWD go install github.com/hashicorp/serf/cmd/serf@v0.11.0
echo '{"node_name": "first"}{"node_name": "second"}' >agent.json
unshare -rn bash -euo pipefail <<'NAMESPACE'
ip link set lo up
./serf agent -config-file=agent.json -bind=127.0.0.1 -tag=a=1 -tag=b=2 -tag=c=3 -tag=d=4 >agent.log 2>&1 &
agent=$!
trap 'kill "$agent"; wait "$agent" || true' EXIT
for _ in $(seq 100); do ./serf info >/dev/null 2>&1 && break || sleep 0.1; done
for _ in $(seq 40); do ./serf members; done | sort | uniq -c | tee orders
./serf query -format=json -no-ack -timeout=500ms nobody-answers | tee query.json
./serf members -format=json >members.json
grep -c '^' orders | awk '{ exit !($1 > 1) }'
grep -q '"Acks": null' query.json
grep -q '"Responses": {}' query.json
grep -q '"name": "first"' members.json
NAMESPACE
