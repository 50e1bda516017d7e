package main

import (
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/hashicorp/memberlist"
)

// peer is the node, once it is started.
type peer struct {
	out *output

	mu       sync.Mutex
	list     *memberlist.Memberlist
	conf     *memberlist.Config
	delegate *delegate
	self     string // where this process reaches its own node
	stopped  bool
}

type operation struct {
	waits bool // runs beside later commands, since it waits for the network
	run   func(p *peer, line []byte) (fields, error)
}

var operations = map[string]operation{
	"start":          {false, typed((*peer).start)},
	"join":           {true, typed((*peer).join)},
	"members":        {false, typed((*peer).members)},
	"allNodes":       {true, typed((*peer).allNodes)},
	"injectMembers":  {true, typed((*peer).injectMembers)},
	"updateMeta":     {true, typed((*peer).updateMeta)},
	"broadcast":      {false, typed((*peer).broadcast)},
	"sendBestEffort": {false, typed((*peer).sendBestEffort)},
	"sendReliable":   {true, typed((*peer).sendReliable)},
	"ping":           {true, typed((*peer).ping)},
	"keyring":        {false, typed((*peer).keyring)},
	"health":         {false, typed((*peer).health)},
	"leave":          {true, typed((*peer).leave)},
	"shutdown":       {false, typed((*peer).shutdown)},
}

func typed[Args any](run func(*peer, Args) (fields, error)) func(*peer, []byte) (fields, error) {
	return func(p *peer, line []byte) (fields, error) {
		var args Args
		if err := decodeStrict(line, &args); err != nil {
			return nil, err
		}
		return run(p, args)
	}
}

func (p *peer) start(args startArgs) (fields, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.list != nil {
		return nil, errors.New("the node is started")
	}
	if args.BindAddr == "" {
		args.BindAddr = "127.0.0.1"
	}
	conf, err := buildConfig(args, p.out)
	if err != nil {
		return nil, err
	}
	d := newDelegate(args, p.out)
	if err := d.setMeta(args.Meta); err != nil {
		return nil, err
	}
	d.queue.RetransmitMult = conf.RetransmitMult
	d.queue.NumNodes = func() int {
		if list, err := p.running(); err == nil {
			return list.NumMembers()
		}
		return 1
	}
	conf.Delegate, conf.Events, conf.Conflict, conf.Merge = d, d, d, d
	list, err := memberlist.Create(conf)
	if err != nil {
		return nil, err
	}
	self := list.LocalNode()
	p.list, p.conf, p.delegate = list, conf, d
	p.self = net.JoinHostPort(dialable(conf.BindAddr), fmt.Sprint(conf.BindPort))
	return fields{"name": self.Name, "addr": self.Addr.String(), "port": self.Port}, nil
}

// dialable is the bind address, or loopback for "all addresses".
func dialable(bindAddr string) string {
	ip := net.ParseIP(bindAddr)
	if ip == nil || !ip.IsUnspecified() {
		return bindAddr
	}
	if ip.To4() == nil {
		return "::1"
	}
	return "127.0.0.1"
}

// running is the node, or an error before its start and after its end.
func (p *peer) running() (*memberlist.Memberlist, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.list == nil {
		return nil, errors.New("the node is not started")
	}
	if p.stopped {
		return nil, errors.New("the node is shut down")
	}
	return p.list, nil
}

func (p *peer) shutdown(envelope) (fields, error) {
	list, err := p.running()
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.stopped = true
	p.mu.Unlock()
	return nil, list.Shutdown()
}

func (p *peer) health(envelope) (fields, error) {
	list, err := p.running()
	if err != nil {
		return nil, err
	}
	return fields{"score": list.GetHealthScore()}, nil
}

func (p *peer) members(envelope) (fields, error) {
	list, err := p.running()
	if err != nil {
		return nil, err
	}
	return fields{"members": describeAll(list.Members())}, nil
}

// member finds a live member by name.
func (p *peer) member(name string) (*memberlist.Memberlist, *memberlist.Node, error) {
	list, err := p.running()
	if err != nil {
		return nil, nil, err
	}
	for _, node := range list.Members() {
		if node.Name == name {
			return list, node, nil
		}
	}
	return nil, nil, fmt.Errorf("no live member %q", name)
}
