#!/usr/bin/env bash
# github.com/hashicorp/memberlist v0.7.0 (Go).
# Guess: gossip that waits because a node is busy is handled in the order in which it arrived.
# Seen: last in, first out, within the messages of one priority. While the application's NotifyMsg is busy with the first
# message, the others wait; then the newest comes first. So what was said in an order over one path, such as Serf's
# "I am going to leave" before memberlist's "I am gone", is turned round by a pause of the receiver, and Serf then calls
# the leave a failure. Messages over streams don't wait for each other.
# The output is below, between the lines SEEN.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
cat >go.mod <<'MOD'
module probe

go 1.21

require github.com/hashicorp/memberlist v0.7.0
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"
)

// busy hears messages, and takes its time over the first one.
type busy struct {
	sync.Mutex
	heard []string
	pause chan struct{}
}

func (b *busy) NotifyMsg(message []byte) {
	b.Lock()
	b.heard = append(b.heard, string(message))
	isFirst := len(b.heard) == 1
	b.Unlock()
	if isFirst {
		<-b.pause
	}
}
func (b *busy) NodeMeta(int) []byte             { return nil }
func (b *busy) GetBroadcasts(_, _ int) [][]byte { return nil }
func (b *busy) LocalState(bool) []byte          { return nil }
func (b *busy) MergeRemoteState([]byte, bool)   {}

func node(name string, delegate memberlist.Delegate) *memberlist.Memberlist {
	config := memberlist.DefaultLocalConfig()
	config.Name, config.BindAddr, config.BindPort = name, "127.0.0.1", 0
	config.AdvertiseAddr, config.LogOutput, config.Delegate = "127.0.0.1", io.Discard, delegate
	list, err := memberlist.Create(config)
	if err != nil {
		panic(err)
	}
	return list
}

func order(send func(from *memberlist.Memberlist, to *memberlist.Node, message []byte) error) string {
	hearer := &busy{pause: make(chan struct{})}
	from, to := node("from", nil), node("to", hearer)
	defer func() { _ = from.Shutdown(); _ = to.Shutdown() }()
	if _, err := from.Join([]string{to.LocalNode().FullAddress().Addr}); err != nil {
		panic(err)
	}
	count := func() int { hearer.Lock(); defer hearer.Unlock(); return len(hearer.heard) }
	waitFor := func(n int) {
		for i := 0; count() < n && i < 1000; i++ {
			time.Sleep(10 * time.Millisecond)
		}
	}
	for i := 1; i <= 6; i++ {
		message := []byte(fmt.Sprint(i))
		if err := send(from, to.LocalNode(), message); err != nil {
			panic(err)
		}
		if i == 1 {
			waitFor(1)
		}
		time.Sleep(50 * time.Millisecond)
	}
	close(hearer.pause)
	waitFor(6)
	hearer.Lock()
	defer hearer.Unlock()
	return strings.Join(hearer.heard, " ")
}

func main() {
	fmt.Println("datagrams sent 1 2 3 4 5 6, heard", order((*memberlist.Memberlist).SendBestEffort))
	fmt.Println("streams sent   1 2 3 4 5 6, heard", order((*memberlist.Memberlist).SendReliable))
}
GO
GOFLAGS=-mod=mod go build -o probe .

cat >seen <<'SEEN'
datagrams sent 1 2 3 4 5 6, heard 1 6 5 4 3 2
streams sent   1 2 3 4 5 6, heard 1 2 3 4 5 6
SEEN
./probe | tee output
diff seen output || { echo "what was seen has changed" >&2; exit 1; }
