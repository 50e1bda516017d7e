package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/hashicorp/go-msgpack/v2/codec"
	"github.com/hashicorp/memberlist"
)

// The library's public view hides the state and the incarnation of members, and offers no way to
// add members that do not exist. Both can be had from outside, over the protocol itself: this file
// is a push/pull client that talks with the node's own port (docs/protocol/memberlist.md, section 7).

const (
	pushPullMsg = 6
	compressMsg = 9
	encryptMsg  = 10
	errMsg      = 13
)

type pushPullHeader struct {
	Nodes        int
	UserStateLen int
	Join         bool
}

type pushNodeState struct {
	Name        string
	Addr        []byte
	Port        uint16
	Meta        []byte
	Incarnation uint32
	State       int
	Vsn         []uint8
}

var stateNames = []string{"alive", "suspect", "dead", "left"}

func (p *peer) allNodes(envelope) (fields, error) {
	table, err := p.sync(nil)
	if err != nil {
		return nil, err
	}
	nodes := make([]fields, len(table))
	for i, n := range table {
		state := fmt.Sprint(n.State)
		if n.State >= 0 && n.State < len(stateNames) {
			state = stateNames[n.State]
		}
		vsn := make([]int, len(n.Vsn))
		for j, v := range n.Vsn {
			vsn[j] = int(v)
		}
		nodes[i] = fields{
			"name": n.Name, "addr": net.IP(n.Addr).String(), "port": n.Port, "meta": notNil(n.Meta),
			"vsn": vsn, "state": state, "incarnation": n.Incarnation,
		}
	}
	return fields{"nodes": nodes}, nil
}

type injectArgs struct {
	envelope
	Count  int    `json:"count"`
	Prefix string `json:"prefix"`
}

// injectMembers adds members that nobody runs, named by the prefix and a number from 0, alive
// at addresses of their own in 127.64.0.0/12, port 9. The node probes, suspects and gossips to them
// like to any other, so a test wants a probe interval longer than itself and no periodic push/pull.
func (p *peer) injectMembers(args injectArgs) (fields, error) {
	if args.Count < 1 || args.Count > 1<<20 {
		return nil, errors.New("count is outside 1..1048576")
	}
	list, err := p.running()
	if err != nil {
		return nil, err
	}
	nodes := make([]pushNodeState, args.Count)
	for i := range nodes {
		nodes[i] = pushNodeState{
			Name:        fmt.Sprintf("%s%d", args.Prefix, i),
			Addr:        []byte{127, 64 + byte(i>>16), byte(i >> 8), byte(i)},
			Port:        9,
			Incarnation: 1,
			Vsn:         p.conf.BuildVsnArray(),
		}
	}
	if _, err := p.sync(nodes); err != nil {
		return nil, err
	}
	return fields{"members": list.NumMembers()}, nil
}

// sync sends the nodes to this peer's own port, and returns its table from before their merge.
func (p *peer) sync(nodes []pushNodeState) ([]pushNodeState, error) {
	if _, err := p.running(); err != nil {
		return nil, err
	}
	conn, err := net.DialTimeout("tcp", p.self, p.conf.TCPTimeout)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(p.conf.TCPTimeout)); err != nil {
		return nil, err
	}
	request, err := p.seal(encodePushPull(nodes))
	if err != nil {
		return nil, err
	}
	// A node that skips the inbound check expects something else to have taken the label off.
	if !p.conf.SkipInboundLabelCheck {
		if err := memberlist.AddLabelHeaderToStream(conn, p.conf.Label); err != nil {
			return nil, err
		}
	}
	if _, err := conn.Write(request); err != nil {
		return nil, err
	}
	reply := bufio.NewReader(conn)
	table, err := p.readPushPull(reply)
	if err != nil {
		return nil, err
	}
	// The node merges after it has answered, and closes after it has merged.
	_, err = io.Copy(io.Discard, reply)
	return table, err
}

func encodePushPull(nodes []pushNodeState) []byte {
	var buf bytes.Buffer
	buf.WriteByte(pushPullMsg)
	encoder := codec.NewEncoder(&buf, &codec.MsgpackHandle{})
	encoder.MustEncode(pushPullHeader{Nodes: len(nodes)})
	for _, node := range nodes {
		encoder.MustEncode(node)
	}
	return buf.Bytes()
}

func (p *peer) readPushPull(stream io.Reader) ([]pushNodeState, error) {
	kind, body, err := p.open(stream)
	if err != nil {
		return nil, err
	}
	decoder := codec.NewDecoder(body, &codec.MsgpackHandle{})
	if kind == errMsg {
		var refusal struct{ Error string }
		if err := decoder.Decode(&refusal); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("own node refuses: %s", refusal.Error)
	}
	if kind != pushPullMsg {
		return nil, fmt.Errorf("own node answers with message type %d", kind)
	}
	var header pushPullHeader
	if err := decoder.Decode(&header); err != nil {
		return nil, err
	}
	nodes := make([]pushNodeState, header.Nodes)
	for i := range nodes {
		if err := decoder.Decode(&nodes[i]); err != nil {
			return nil, err
		}
	}
	return nodes, nil
}
