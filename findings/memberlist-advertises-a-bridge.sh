#!/usr/bin/env bash
# github.com/hashicorp/memberlist v0.5.3 with github.com/hashicorp/go-sockaddr v1.0.7 (Go).
# Guess: bound to the wildcard on a host whose default route leaves by a public address, a node advertises that address.
# Seen: it refuses to start ("No private IP address found"). Once the host also has a container bridge, it starts and
# advertises the bridge's address, which no other host reaches. go-sockaddr prefers the default route only among the
# private addresses; and it gives no address at all for an interface in a range that is reserved for documentation.
# Needs ip and unshare: the addresses exist in a network namespace of their own.
set -euo pipefail
cd "$(mktemp -d)" && trap 'chmod -R u+w "$PWD"; rm -rf "$PWD"' EXIT
cat >go.mod <<'MOD'
module probe

go 1.21

require (
	github.com/hashicorp/go-sockaddr v1.0.7
	github.com/hashicorp/memberlist v0.5.3
)
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"io"

	"github.com/hashicorp/go-sockaddr"
	"github.com/hashicorp/memberlist"
)

func main() {
	config := memberlist.DefaultLANConfig()
	config.Name, config.LogOutput = "probe", io.Discard
	list, err := memberlist.Create(config)
	if err != nil {
		fmt.Println("refuses:", err)
	} else {
		fmt.Println("advertises", list.LocalNode().Addr)
		_ = list.Shutdown()
	}
	onEth0, err := sockaddr.GetInterfaceIP("eth0")
	fmt.Printf("eth0 has %q\n", onEth0)
}
GO
GOFLAGS=-mod=mod go build -o probe .

# Runs the probe where the devices of "name=address" pairs exist and the default route leaves by the first of them.
host() {
  unshare -rn bash -c '
    ip link set lo up
    for pair in "$@"; do
      device=${pair%%=*}
      ip link add "$device" type veth peer name "peer-$device"
      ip link set "peer-$device" up && ip link set "$device" up
      ip addr add "${pair#*=}" dev "$device"
    done
    ip route add default dev "${1%%=*}"
    ./probe' host "$@"
}
public=$(host eth0=52.3.4.5/24)
bridged=$(host eth0=52.3.4.5/24 docker0=172.17.0.1/16)
documentation=$(host eth0=198.51.100.7/24)
printf 'public address: %s\n\nwith a bridge: %s\n\ndocumentation range: %s\n' "$public" "$bridged" "$documentation"
grep -q 'refuses: .*No private IP address found' <<<"$public"
grep -q 'eth0 has "52.3.4.5"' <<<"$public"
grep -q 'advertises 172.17.0.1' <<<"$bridged"
grep -q 'eth0 has ""' <<<"$documentation"
