package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"

	"github.com/hashicorp/memberlist"
)

// delegate answers all the library's callbacks, and tells the test of each.
type delegate struct {
	out   *output
	state []byte
	relay bool

	mu    sync.Mutex
	meta  []byte
	heard map[string]bool
	queue memberlist.TransmitLimitedQueue
}

func newDelegate(args startArgs, out *output) *delegate {
	d := &delegate{
		out:   out,
		meta:  args.Meta,
		relay: args.Relay == nil || *args.Relay,
		heard: make(map[string]bool),
	}
	if args.StateBytes > 0 {
		d.state = syntheticState(args.StateBytes)
	}
	return d
}

// syntheticState is the bytes 0..250 over and over, which the other side can check.
func syntheticState(size int) []byte {
	state := make([]byte, size)
	for i := range state {
		state[i] = byte(i % 251)
	}
	return state
}

func (d *delegate) setMeta(meta []byte) error {
	if len(meta) > memberlist.MetaMaxSize {
		return fmt.Errorf("meta of %d bytes is over %d", len(meta), memberlist.MetaMaxSize)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.meta = meta
	return nil
}

// broadcast queues a message for gossip; hearing it back is then no news.
func (d *delegate) broadcast(payload []byte) {
	d.mark(payload)
	d.queue.QueueBroadcast(message(payload))
}

// mark tells whether the payload is new here.
func (d *delegate) mark(payload []byte) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	first := !d.heard[string(payload)]
	d.heard[string(payload)] = true
	return first
}

func (d *delegate) NodeMeta(int) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.meta
}

// NotifyMsg gossips news on, as an application on memberlist must: the library delivers a user
// message only to the node that it was sent to.
func (d *delegate) NotifyMsg(payload []byte) {
	// The library reuses the buffer after this call.
	payload = bytes.Clone(payload)
	first := d.mark(payload)
	if first && d.relay {
		d.queue.QueueBroadcast(message(payload))
	}
	d.out.write(fields{"event": "message", "payload": notNil(payload), "first": first})
}

func (d *delegate) GetBroadcasts(overhead, limit int) [][]byte {
	return d.queue.GetBroadcasts(overhead, limit)
}

func (d *delegate) LocalState(bool) []byte { return d.state }

func (d *delegate) MergeRemoteState(state []byte, join bool) {
	sum := sha256.Sum256(state)
	d.out.write(fields{"event": "state", "bytes": len(state), "sha256": hex.EncodeToString(sum[:]), "join": join})
}

func (d *delegate) NotifyJoin(n *memberlist.Node) {
	d.out.write(fields{"event": "join", "node": describe(n)})
}
func (d *delegate) NotifyLeave(n *memberlist.Node) {
	d.out.write(fields{"event": "leave", "node": describe(n)})
}
func (d *delegate) NotifyUpdate(n *memberlist.Node) {
	d.out.write(fields{"event": "update", "node": describe(n)})
}

func (d *delegate) NotifyConflict(existing, other *memberlist.Node) {
	d.out.write(fields{"event": "conflict", "existing": describe(existing), "other": describe(other)})
}

func (d *delegate) NotifyMerge(nodes []*memberlist.Node) error {
	d.out.write(fields{"event": "merge", "nodes": describeAll(nodes)})
	return nil
}

// describe leaves the library's Node.State out: it stays zero, "alive", whatever the member's state
// is. allNodes tells the state.
func describe(n *memberlist.Node) fields {
	return fields{
		"name": n.Name, "addr": n.Addr.String(), "port": n.Port, "meta": notNil(n.Meta),
		"vsn": []int{int(n.PMin), int(n.PMax), int(n.PCur), int(n.DMin), int(n.DMax), int(n.DCur)},
	}
}

func describeAll(nodes []*memberlist.Node) []fields {
	list := make([]fields, len(nodes))
	for i, n := range nodes {
		list[i] = describe(n)
	}
	return list
}

// notNil keeps JSON from writing null for no bytes.
func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// message is a gossiped user message, which no other one replaces.
type message []byte

func (m message) Invalidates(memberlist.Broadcast) bool { return false }
func (m message) Message() []byte                       { return m }
func (m message) Finished()                             {}
func (m message) UniqueBroadcast()                      {}
