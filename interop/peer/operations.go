package main

import (
	"fmt"
	"net"
	"time"
)

type joinArgs struct {
	envelope
	Addrs []string `json:"addrs"`
}

func (p *peer) join(args joinArgs) (fields, error) {
	list, err := p.running()
	if err != nil {
		return nil, err
	}
	count, err := list.Join(args.Addrs)
	return fields{"count": count}, err
}

type leaveArgs struct {
	envelope
	TimeoutMs int `json:"timeoutMs"`
}

func (p *peer) leave(args leaveArgs) (fields, error) {
	list, err := p.running()
	if err != nil {
		return nil, err
	}
	return nil, list.Leave(milliseconds(args.TimeoutMs))
}

type updateMetaArgs struct {
	envelope
	Meta      []byte `json:"meta"`
	TimeoutMs int    `json:"timeoutMs"`
}

func (p *peer) updateMeta(args updateMetaArgs) (fields, error) {
	list, err := p.running()
	if err != nil {
		return nil, err
	}
	if err := p.delegate.setMeta(args.Meta); err != nil {
		return nil, err
	}
	return nil, list.UpdateNode(milliseconds(args.TimeoutMs))
}

type broadcastArgs struct {
	envelope
	Payload []byte `json:"payload"`
}

func (p *peer) broadcast(args broadcastArgs) (fields, error) {
	if _, err := p.running(); err != nil {
		return nil, err
	}
	p.delegate.broadcast(args.Payload)
	return nil, nil
}

type sendArgs struct {
	envelope
	To      string `json:"to"`
	Payload []byte `json:"payload"`
}

func (p *peer) sendBestEffort(args sendArgs) (fields, error) {
	list, node, err := p.member(args.To)
	if err != nil {
		return nil, err
	}
	return nil, list.SendBestEffort(node, args.Payload)
}

func (p *peer) sendReliable(args sendArgs) (fields, error) {
	list, node, err := p.member(args.To)
	if err != nil {
		return nil, err
	}
	return nil, list.SendReliable(node, args.Payload)
}

type pingArgs struct {
	envelope
	Node string `json:"node"`
	Addr string `json:"addr"` // host:port
}

func (p *peer) ping(args pingArgs) (fields, error) {
	list, err := p.running()
	if err != nil {
		return nil, err
	}
	addr, err := net.ResolveUDPAddr("udp", args.Addr)
	if err != nil {
		return nil, err
	}
	rtt, err := list.Ping(args.Node, addr)
	return fields{"rttUs": rtt.Microseconds()}, err
}

type keyringArgs struct {
	envelope
	Action string `json:"action"`
	Key    []byte `json:"key"`
}

func (p *peer) keyring(args keyringArgs) (fields, error) {
	if _, err := p.running(); err != nil {
		return nil, err
	}
	ring := p.conf.Keyring
	var err error
	switch args.Action {
	case "add":
		err = ring.AddKey(args.Key)
	case "use":
		err = ring.UseKey(args.Key)
	case "remove":
		err = ring.RemoveKey(args.Key)
	case "list":
	default:
		err = fmt.Errorf("unknown keyring action %q", args.Action)
	}
	// The library keeps the primary key first.
	return fields{"keys": append([][]byte{}, ring.GetKeys()...)}, err
}

func milliseconds(n int) time.Duration { return time.Duration(n) * time.Millisecond }
