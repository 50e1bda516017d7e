#!/usr/bin/env bash
# github.com/hashicorp/memberlist v0.5.3 with github.com/hashicorp/go-sockaddr v1.0.7 (Go).
# Guess: bound to the wildcard on a host whose default route leaves by a public address, a node advertises that address.
# Seen: it refuses to start ("No private IP address found"). Once the host also has a container bridge, it starts and
# advertises the bridge's address, which no other host reaches. go-sockaddr prefers the default route only among the
# private addresses; and it gives no address at all for an interface in a range that is reserved for documentation.
# The output is below, between the lines SEEN. Needs ip and unshare: the addresses exist in a network namespace of their own.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
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
  unshare -rn bash -euo pipefail -c '
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
cat >seen <<'SEEN'
a public address:
refuses: Failed to get final advertise address: No private IP address found, and explicit IP not provided
eth0 has "52.3.4.5"
the same beside a container bridge:
advertises 172.17.0.1
eth0 has "52.3.4.5"
an address of a documentation range:
refuses: Failed to get final advertise address: No private IP address found, and explicit IP not provided
eth0 has ""
SEEN
{
  echo "a public address:"
  host eth0=52.3.4.5/24
  echo "the same beside a container bridge:"
  host eth0=52.3.4.5/24 docker0=172.17.0.1/16
  echo "an address of a documentation range:"
  host eth0=198.51.100.7/24
} | tee output
diff seen output || { echo "what was seen has changed" >&2; exit 1; }
