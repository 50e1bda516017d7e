// Peer is one node of the real memberlist library, steered from a test.
//
// It reads commands from standard input and writes answers and events to standard output, one
// JSON object a line. Byte strings are base64. It says {"event":"ready"} first, and ends without
// leaving the cluster when standard input closes. One process is one node, so that a test can
// kill it or stop it like a machine that fails.
//
// A command is {"id":7,"op":"join","addrs":["127.0.0.1:7946"]}; its answer is
// {"id":7,"ok":true,"count":1} or {"id":7,"ok":false,"error":"why"}. An unknown field is an error.
// Commands that wait for the network may be answered after later ones. The operations are:
//
//	start         see startArgs in config.go; answers name, addr, port
//	join          addrs: answers count
//	members       live members by the library's public view: it never tells alive from suspect
//	allNodes      the whole table with state and incarnation, dead ones too, by a push/pull with itself
//	injectMembers count, prefix: adds synthetic members, see selfsync.go
//	updateMeta    meta, timeoutMs
//	broadcast     payload: gossips a user message
//	sendBestEffort, sendReliable   to (a member's name), payload
//	ping          node, addr: answers rttUs
//	keyring       action add|use|remove|list, key: answers keys, the primary first
//	health        answers score, 0 is healthy
//	leave         timeoutMs
//	shutdown      stops the node, the process stays
//
// Events are ready, log (line), join, leave and update (node), conflict (existing, other), merge
// (nodes), message (payload, first) and state (bytes, sha256, join). A message event with first
// false is one that this node knew already.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// fields are the members of one line of output, or of the operation's part of it.
type fields map[string]any

// envelope is what every command carries; the argument structs embed it.
type envelope struct {
	ID int64  `json:"id"`
	Op string `json:"op"`
}

func main() {
	out := &output{writer: os.Stdout}
	p := &peer{out: out}
	out.write(fields{"event": "ready"})
	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			p.command(line)
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				fmt.Fprintln(os.Stderr, "peer: reading commands:", err)
				os.Exit(1)
			}
			return
		}
	}
}

// command runs one line. Only quick operations run in order: a leave that waits for its broadcast
// must not keep the test from asking for the members meanwhile.
func (p *peer) command(line []byte) {
	var head envelope
	if err := json.Unmarshal(line, &head); err != nil {
		p.out.answer(head.ID, nil, fmt.Errorf("not a command: %w", err))
		return
	}
	op, ok := operations[head.Op]
	if !ok {
		p.out.answer(head.ID, nil, fmt.Errorf("unknown operation %q", head.Op))
		return
	}
	run := func() {
		result, err := op.run(p, line)
		p.out.answer(head.ID, result, err)
	}
	if op.waits {
		go run()
	} else {
		run()
	}
}

// decodeStrict refuses fields that the operation does not know, so that a misspelt override fails.
func decodeStrict(line []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// output writes whole lines, whichever goroutine they come from.
type output struct {
	mu     sync.Mutex
	writer io.Writer
}

func (o *output) write(line fields) {
	text, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, err := o.writer.Write(append(text, '\n')); err != nil {
		os.Exit(1)
	}
}

func (o *output) answer(id int64, result fields, err error) {
	line := fields{"id": id, "ok": err == nil}
	if err != nil {
		line["error"] = err.Error()
	}
	for key, value := range result {
		line[key] = value
	}
	o.write(line)
}

// Write takes the library's log, which hands over one line a call.
func (o *output) Write(line []byte) (int, error) {
	o.write(fields{"event": "log", "line": string(bytes.TrimRight(line, "\n"))})
	return len(line), nil
}
