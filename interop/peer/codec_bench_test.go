package main

import (
	"bytes"
	"compress/lzw"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"fmt"
	"io"
	"syscall"
	"testing"

	"github.com/hashicorp/go-msgpack/v2/codec"
	"github.com/hashicorp/memberlist"
)

// The reference keeps its codec to itself, so these are its structs and its few lines around
// go-msgpack, compress/lzw and crypto/cipher (memberlist v0.7.0: net.go, util.go, security.go), on
// the same values as bench/src/sample-messages.ts. The queue is the reference's own.

type benchPing struct {
	SeqNo      uint32
	Node       string
	SourceAddr []byte `codec:",omitempty"`
	SourcePort uint16 `codec:",omitempty"`
	SourceNode string `codec:",omitempty"`
}

type benchIndirectPing struct {
	SeqNo      uint32
	Target     []byte
	Port       uint16
	Node       string
	Nack       bool
	SourceAddr []byte `codec:",omitempty"`
	SourcePort uint16 `codec:",omitempty"`
	SourceNode string `codec:",omitempty"`
}

type benchAck struct {
	SeqNo   uint32
	Payload []byte
}

type benchNack struct {
	SeqNo uint32
}

type benchAccusation struct {
	Incarnation uint32
	Node        string
	From        string
}

type benchAlive struct {
	Incarnation uint32
	Node        string
	Addr        []byte
	Port        uint16
	Meta        []byte
	Vsn         []uint8
}

type benchCompress struct {
	Algo uint8
	Buf  []byte
}

func benchName(i int) string { return fmt.Sprintf("server-%06d-eu-west", i) }

func benchMeta(length int) []byte {
	meta := make([]byte, length)
	for i := range meta {
		meta[i] = byte((i*i + 31*i) & 0x7f)
	}
	return meta
}

func benchAliveOf(i, metaBytes int) benchAlive {
	addr := []byte{10, 77, byte(i >> 8), byte(i)}
	return benchAlive{7, benchName(i), addr, 7946, benchMeta(metaBytes), []uint8{1, 5, 2, 0, 0, 0}}
}

func benchEncode(msgType byte, in any) *bytes.Buffer {
	buf := bytes.NewBuffer(nil)
	buf.WriteByte(msgType)
	hd := codec.MsgpackHandle{}
	hd.TimeNotBuiltin = true
	if err := codec.NewEncoder(buf, &hd).Encode(in); err != nil {
		panic(err)
	}
	return buf
}

func benchDecode(buf []byte, out any) {
	hd := codec.MsgpackHandle{}
	if err := codec.NewDecoder(bytes.NewReader(buf), &hd).Decode(out); err != nil {
		panic(err)
	}
}

// benchOp runs one operation over and over. Beside the time by the clock it reports the processor's,
// collector included: the smaller of both is right on a machine that has other things to do.
func benchOp(b *testing.B, name string, op func(i int)) {
	b.Run(name, func(b *testing.B) {
		start := benchProcessorTime()
		for i := range b.N {
			op(i)
		}
		b.ReportMetric(float64(benchProcessorTime()-start)/float64(b.N), "cpu-ns/op")
	})
}

func benchProcessorTime() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func benchBoth[T any](b *testing.B, name string, msgType byte, in T) {
	benchOp(b, "encode "+name, func(int) { benchEncode(msgType, &in) })
	encoded := benchEncode(msgType, &in).Bytes()
	benchOp(b, "decode "+name, func(int) {
		var out T
		benchDecode(encoded[1:], &out)
	})
}

func BenchmarkMessages(b *testing.B) {
	source := []byte{10, 77, 0, 2}
	benchBoth(b, "ping", 0, benchPing{4711, benchName(1), source, 7946, benchName(2)})
	indirect := benchIndirectPing{4711, []byte{10, 77, 0, 1}, 7946, benchName(1), true, source, 7946, benchName(2)}
	benchBoth(b, "indirect ping", 1, indirect)
	benchBoth(b, "ack", 2, benchAck{4711, nil})
	benchBoth(b, "nack", 11, benchNack{4711})
	benchBoth(b, "suspect", 3, benchAccusation{7, benchName(1), benchName(2)})
	benchBoth(b, "dead", 5, benchAccusation{7, benchName(1), benchName(2)})
	benchBoth(b, "alive", 4, benchAliveOf(1, 100))
}

// As sendLocalState and readRemoteState do it: one coder for all entries, a new struct for each.
func BenchmarkPushPull(b *testing.B) {
	entry := pushNodeState{benchName(1), []byte{10, 77, 0, 1}, 7946, nil, 7, 0, []uint8{1, 5, 2, 0, 0, 0}}
	hd := codec.MsgpackHandle{}
	state := bytes.NewBuffer(nil)
	enc := codec.NewEncoder(state, &hd)
	write := func(i int) {
		if i%1000 == 0 {
			state = bytes.NewBuffer(nil)
			enc = codec.NewEncoder(state, &hd)
		}
		if err := enc.Encode(&entry); err != nil {
			b.Fatal(err)
		}
	}
	benchOp(b, "write a push/pull entry", write)
	for i := range 1000 {
		write(i)
	}
	var dec *codec.Decoder
	benchOp(b, "read a push/pull entry", func(i int) {
		if i%1000 == 0 {
			dec = codec.NewDecoder(bytes.NewReader(state.Bytes()), &hd)
		}
		var out pushNodeState
		if err := dec.Decode(&out); err != nil {
			b.Fatal(err)
		}
	})
}

// benchPacket is 1,300 bytes of alive messages, as packetOfAlives of bench/src/sample-messages.ts.
func benchPacket() []byte {
	var all []byte
	for i := 0; len(all) < 1300; i++ {
		all = append(all, benchEncode(4, benchAliveOf(i, 40)).Bytes()...)
	}
	return all[:1300]
}

func BenchmarkCompression(b *testing.B) {
	plain := benchPacket()
	compress := func() *bytes.Buffer {
		var buf bytes.Buffer
		compressor := lzw.NewWriter(&buf, lzw.LSB, 8)
		if _, err := compressor.Write(plain); err != nil {
			b.Fatal(err)
		}
		if err := compressor.Close(); err != nil {
			b.Fatal(err)
		}
		return benchEncode(9, &benchCompress{0, buf.Bytes()})
	}
	benchOp(b, "compress", func(int) { compress() })
	encoded := compress().Bytes()
	benchOp(b, "decompress", func(int) {
		var c benchCompress
		benchDecode(encoded[1:], &c)
		reader := lzw.NewReader(bytes.NewReader(c.Buf), lzw.LSB, 8)
		var out bytes.Buffer
		if _, err := io.CopyN(&out, reader, 41943041); err != nil && err != io.EOF {
			b.Fatal(err)
		}
		_ = reader.Close()
	})
}

func BenchmarkSealing(b *testing.B) {
	key := make([]byte, 32)
	for i := range key {
		key[i] = byte(i)
	}
	gcm := func() cipher.AEAD {
		block, err := aes.NewCipher(key)
		if err != nil {
			b.Fatal(err)
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			b.Fatal(err)
		}
		return aead
	}
	for _, length := range []int{100, 1300} {
		plain := benchPacket()[:length]
		seal := func() []byte {
			aead := gcm()
			var dst bytes.Buffer
			dst.Grow(29 + length)
			dst.WriteByte(1)
			if _, err := io.CopyN(&dst, rand.Reader, 12); err != nil {
				b.Fatal(err)
			}
			dst.Write(aead.Seal(nil, dst.Bytes()[1:13], plain, nil))
			return dst.Bytes()
		}
		benchOp(b, fmt.Sprintf("seal %d", length), func(int) { seal() })
		sealed := seal()
		benchOp(b, fmt.Sprintf("open %d", length), func(int) {
			if _, err := gcm().Open(nil, sealed[1:13], sealed[13:], nil); err != nil {
				b.Fatal(err)
			}
		})
	}
}

type benchBroadcast struct {
	name string
	msg  []byte
}

func (q *benchBroadcast) Invalidates(memberlist.Broadcast) bool { return false }
func (q *benchBroadcast) Message() []byte                       { return q.msg }
func (q *benchBroadcast) Finished()                             {}
func (q *benchBroadcast) Name() string                          { return q.name }

func BenchmarkQueue(b *testing.B) {
	queue := memberlist.TransmitLimitedQueue{NumNodes: func() int { return 10000 }, RetransmitMult: 1 << 40}
	for i := range 10000 {
		queue.QueueBroadcast(&benchBroadcast{benchName(i), benchEncode(4, benchAliveOf(i, 40)).Bytes()})
	}
	benchOp(b, "queue", func(int) { queue.GetBroadcasts(2, 1400-7) })
}
