#!/usr/bin/env bash
# github.com/serialx/hashring v0.0.0-20200727003509-22c0c7ab6b1b (Go).
# Guess: four members share 20,000 keys within a factor of two; weights 1 and 3 give about 1 : 3; asking for nine owners
# among four members gives the four.
# Seen: the four own 171, 2,261, 14,957 and 2,611 keys (one has 87 times what another has); the member of weight 3 owns
# fewer keys than that of weight 1; asking for more owners than there are gives none at all, and false. The output is below,
# between the lines SEEN.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
cat >seen <<'SEEN'
even: map[10.0.0.1:7946:171 10.0.0.2:7946:2261 10.0.0.3:7946:14957 10.0.0.4:7946:2611]
weights a 1, b 0, c 3: map[a:11401 c:8599]
nine owners of four: [] false
SEEN
cat >go.mod <<'MOD'
module probe

go 1.21

require github.com/serialx/hashring v0.0.0-20200727003509-22c0c7ab6b1b
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"

	"github.com/serialx/hashring"
)

func owned(ring *hashring.HashRing) map[string]int {
	counts := map[string]int{}
	for i := 0; i < 20000; i++ {
		owner, _ := ring.GetNode(fmt.Sprintf("user:%d", i))
		counts[owner]++
	}
	return counts
}

func main() {
	even := hashring.New([]string{"10.0.0.1:7946", "10.0.0.2:7946", "10.0.0.3:7946", "10.0.0.4:7946"})
	owners, isEnough := even.GetNodes("user:1", 9)
	fmt.Println("even:", owned(even))
	fmt.Println("weights a 1, b 0, c 3:", owned(hashring.NewWithWeights(map[string]int{"a": 1, "b": 0, "c": 3})))
	fmt.Println("nine owners of four:", owners, isEnough)
}
GO
GOFLAGS=-mod=mod go run . | tee output
diff seen output || { echo "what was seen has changed" >&2; exit 1; }
