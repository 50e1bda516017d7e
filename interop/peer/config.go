package main

import (
	"fmt"
	"log"
	"time"

	"github.com/hashicorp/memberlist"
)

// startArgs describes the node. What is absent keeps the profile's value.
type startArgs struct {
	envelope
	Name          string    `json:"name"`
	BindAddr      string    `json:"bindAddr"` // 127.0.0.1 when empty
	BindPort      int       `json:"bindPort"` // 0 takes any free port
	AdvertiseAddr string    `json:"advertiseAddr"`
	Profile       string    `json:"profile"` // lan (also when empty), wan or local
	Overrides     overrides `json:"overrides"`

	Label                 string   `json:"label"`
	SkipInboundLabelCheck bool     `json:"skipInboundLabelCheck"`
	Keys                  [][]byte `json:"keys"` // the first is the primary
	GossipVerifyIncoming  *bool    `json:"gossipVerifyIncoming"`
	GossipVerifyOutgoing  *bool    `json:"gossipVerifyOutgoing"`
	Compression           *bool    `json:"compression"`

	// Version 1 makes a node encrypt with version 0, and take every member's port to be its own.
	ProtocolVersion uint8           `json:"protocolVersion"`
	DelegateVersion delegateVersion `json:"delegateVersion"`

	Meta       []byte `json:"meta"`
	StateBytes int    `json:"stateBytes"` // length of the synthetic user state in each push/pull
	Relay      *bool  `json:"relay"`      // gossip on what is heard for the first time; true when absent
}

type delegateVersion struct {
	Min uint8 `json:"min"`
	Max uint8 `json:"max"`
	Cur uint8 `json:"cur"`
}

type overrides struct {
	ProbeIntervalMs         *int  `json:"probeIntervalMs"`
	ProbeTimeoutMs          *int  `json:"probeTimeoutMs"`
	GossipIntervalMs        *int  `json:"gossipIntervalMs"`
	GossipToTheDeadMs       *int  `json:"gossipToTheDeadMs"`
	GossipNodes             *int  `json:"gossipNodes"`
	PushPullIntervalMs      *int  `json:"pushPullIntervalMs"`
	TCPTimeoutMs            *int  `json:"tcpTimeoutMs"`
	DeadNodeReclaimMs       *int  `json:"deadNodeReclaimMs"`
	SuspicionMult           *int  `json:"suspicionMult"`
	SuspicionMaxTimeoutMult *int  `json:"suspicionMaxTimeoutMult"`
	IndirectChecks          *int  `json:"indirectChecks"`
	RetransmitMult          *int  `json:"retransmitMult"`
	AwarenessMaxMult        *int  `json:"awarenessMaxMult"`
	UDPBufferSize           *int  `json:"udpBufferSize"`
	DisableTCPPings         *bool `json:"disableTcpPings"`
}

// buildConfig makes the library's configuration, without the delegates.
func buildConfig(args startArgs, out *output) (*memberlist.Config, error) {
	conf, err := profile(args.Profile)
	if err != nil {
		return nil, err
	}
	args.Overrides.apply(conf)
	conf.Name = args.Name
	conf.BindAddr = args.BindAddr
	conf.BindPort = args.BindPort
	conf.AdvertiseAddr = args.AdvertiseAddr
	conf.AdvertisePort = args.BindPort
	conf.Label = args.Label
	conf.SkipInboundLabelCheck = args.SkipInboundLabelCheck
	set(&conf.GossipVerifyIncoming, args.GossipVerifyIncoming)
	set(&conf.GossipVerifyOutgoing, args.GossipVerifyOutgoing)
	set(&conf.EnableCompression, args.Compression)
	if args.ProtocolVersion != 0 {
		conf.ProtocolVersion = args.ProtocolVersion
	}
	conf.DelegateProtocolMin = args.DelegateVersion.Min
	conf.DelegateProtocolMax = args.DelegateVersion.Max
	conf.DelegateProtocolVersion = args.DelegateVersion.Cur
	// No flags: a line is then the library's text alone, which can be held against a pattern.
	conf.Logger = log.New(out, "", 0)
	conf.Keyring, err = buildKeyring(args.Keys)
	return conf, err
}

func profile(name string) (*memberlist.Config, error) {
	switch name {
	case "", "lan":
		return memberlist.DefaultLANConfig(), nil
	case "wan":
		return memberlist.DefaultWANConfig(), nil
	case "local":
		return memberlist.DefaultLocalConfig(), nil
	}
	return nil, fmt.Errorf("unknown profile %q", name)
}

// buildKeyring makes a ring even without keys, so that encryption can be switched on later.
func buildKeyring(keys [][]byte) (*memberlist.Keyring, error) {
	if len(keys) == 0 {
		return memberlist.NewKeyring(nil, nil)
	}
	return memberlist.NewKeyring(keys, keys[0])
}

func (o overrides) apply(conf *memberlist.Config) {
	setMs(&conf.ProbeInterval, o.ProbeIntervalMs)
	setMs(&conf.ProbeTimeout, o.ProbeTimeoutMs)
	setMs(&conf.GossipInterval, o.GossipIntervalMs)
	setMs(&conf.GossipToTheDeadTime, o.GossipToTheDeadMs)
	setMs(&conf.PushPullInterval, o.PushPullIntervalMs)
	setMs(&conf.TCPTimeout, o.TCPTimeoutMs)
	setMs(&conf.DeadNodeReclaimTime, o.DeadNodeReclaimMs)
	set(&conf.GossipNodes, o.GossipNodes)
	set(&conf.SuspicionMult, o.SuspicionMult)
	set(&conf.SuspicionMaxTimeoutMult, o.SuspicionMaxTimeoutMult)
	set(&conf.IndirectChecks, o.IndirectChecks)
	set(&conf.RetransmitMult, o.RetransmitMult)
	set(&conf.AwarenessMaxMultiplier, o.AwarenessMaxMult)
	set(&conf.UDPBufferSize, o.UDPBufferSize)
	set(&conf.DisableTcpPings, o.DisableTCPPings)
}

func set[T any](target *T, value *T) {
	if value != nil {
		*target = *value
	}
}

func setMs(target *time.Duration, value *int) {
	if value != nil {
		*target = time.Duration(*value) * time.Millisecond
	}
}
