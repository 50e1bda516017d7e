package main

import (
	"bytes"
	"compress/lzw"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/hashicorp/go-msgpack/v2/codec"
)

// Encryption and compression of the client in selfsync.go (docs/protocol/memberlist.md, section 5).

const (
	noncePlace = 1 // after the version byte
	nonceBytes = 12
	tagBytes   = 16
)

// seal encrypts one stream message with the primary key, or returns it as it is without one.
// It always writes encryption version 1, which every node reads.
func (p *peer) seal(message []byte) ([]byte, error) {
	key := p.conf.Keyring.GetPrimaryKey()
	if key == nil {
		return message, nil
	}
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	frame := make([]byte, 5, 5+noncePlace+nonceBytes+len(message)+tagBytes)
	frame[0] = encryptMsg
	binary.BigEndian.PutUint32(frame[1:], uint32(noncePlace+nonceBytes+len(message)+tagBytes))
	bound := p.bound(frame)
	nonce := make([]byte, nonceBytes)
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	frame = append(frame, 1)
	frame = append(frame, nonce...)
	return aead.Seal(frame, nonce, message, bound), nil
}

// open takes encryption and compression off a stream message, and returns its type and its body.
func (p *peer) open(stream io.Reader) (byte, io.Reader, error) {
	kind, err := readByte(stream)
	if err != nil {
		return 0, nil, err
	}
	if kind == encryptMsg {
		plain, err := p.decrypt(stream)
		if err != nil {
			return 0, nil, err
		}
		stream = bytes.NewReader(plain)
		if kind, err = readByte(stream); err != nil {
			return 0, nil, err
		}
	}
	if kind != compressMsg {
		return kind, stream, nil
	}
	var packed struct {
		Algo uint8
		Buf  []byte
	}
	if err := codec.NewDecoder(stream, &codec.MsgpackHandle{}).Decode(&packed); err != nil {
		return 0, nil, err
	}
	stream = lzw.NewReader(bytes.NewReader(packed.Buf), lzw.LSB, 8)
	kind, err = readByte(stream)
	return kind, stream, err
}

func (p *peer) decrypt(stream io.Reader) ([]byte, error) {
	frame := make([]byte, 5)
	frame[0] = encryptMsg
	if _, err := io.ReadFull(stream, frame[1:]); err != nil {
		return nil, err
	}
	blob := make([]byte, binary.BigEndian.Uint32(frame[1:]))
	if _, err := io.ReadFull(stream, blob); err != nil {
		return nil, err
	}
	if len(blob) < noncePlace+nonceBytes+tagBytes {
		return nil, fmt.Errorf("sealed blob of %d bytes", len(blob))
	}
	for _, key := range p.conf.Keyring.GetKeys() {
		aead, err := newAEAD(key)
		if err != nil {
			return nil, err
		}
		nonce, sealed := blob[noncePlace:noncePlace+nonceBytes], blob[noncePlace+nonceBytes:]
		plain, err := aead.Open(nil, nonce, sealed, p.bound(frame))
		if err != nil || len(plain) == 0 {
			continue
		}
		// Version 0 pads; the last byte says by how much.
		if padding := int(plain[len(plain)-1]); blob[0] == 0 && padding <= len(plain) {
			plain = plain[:len(plain)-padding]
		}
		return plain, nil
	}
	return nil, errors.New("no key opens the answer")
}

// bound is the data that the seal covers but does not hide: the frame's head and the label.
func (p *peer) bound(frame []byte) []byte {
	return append(bytes.Clone(frame[:5]), p.conf.Label...)
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func readByte(stream io.Reader) (byte, error) {
	var one [1]byte
	_, err := io.ReadFull(stream, one[:])
	return one[0], err
}
