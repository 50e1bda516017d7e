import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  decodeStreamUser,
  encodeMessage,
  isFault,
  Keyring,
  MessageDecoder,
  MessageEncoder,
  PacketCodec,
  type PacketMessage,
  PUSH_PULL,
  PushPullReader,
  StreamCodec,
  type StreamSide,
  sealedLength,
  USER,
  type WireFault,
  type WireOptions,
  wireOptions,
} from "@hearsay/core/wire";
import { loadVectors, type Vector } from "@hearsay/testkit/vectors";
import { ascii, fromHex, toHex } from "./bytes.ts";
import { testCipher } from "./test-cipher.ts";
import { described, type Layer, layersOf, nodesOf, Walk, withoutConveniences } from "./walk.ts";

const vectors = loadVectors();
const EMPTY = new Uint8Array(0);

/** How many vectors there are of each sort that this file runs: a vector that is skipped changes a number. */
const EXPECTED_COUNTS = {
  "packet/ packet": 38,
  "stream/ stream": 12,
  "capture/ packet": 81,
  "capture/ stream": 28,
  "legacy/ packet": 2,
  "legacy/ stream": 2,
  "lenient/ packet": 4,
  "reject/ packet": 15,
};

/** Vectors that no encoder of ours writes: what is wrong or unusual in them is their point. */
const NOT_WRITTEN = new Set([
  "packet/compound-empty-part",
  "packet/compound-truncated",
  "packet/crc-bad",
  "stream/push-pull-200",
  "legacy/stream/push-pull-200",
]);

/** Compressed although that made them longer, as only streams are. */
const LONGER_WHEN_COMPRESSED = new Set(["packet/compressed-alive", "packet/compressed-large-user"]);

const ran = new Map<string, number>();

function selected(kind: "packet" | "stream", ...families: readonly string[]): Vector[] {
  return vectors.filter((vector) => vector.kind === kind && families.includes(family(vector)));
}

function family(vector: Vector): string {
  return vector.name.slice(0, vector.name.indexOf("/") + 1);
}

function count(vector: Vector): void {
  const sort = `${family(vector)} ${vector.kind}`;
  ran.set(sort, (ran.get(sort) ?? 0) + 1);
}

function optionsOf(vector: Vector, given: Partial<WireOptions> = {}): WireOptions {
  const keyring = vector.key === undefined ? null : new Keyring([], fromHex(vector.key));
  return wireOptions({
    label: vector.label === undefined ? EMPTY : ascii(vector.label),
    keyring,
    cipher: testCipher(),
    packetCompressionMinBytes: 0,
    streamCompressionMinBytes: 0,
    ...given,
  });
}

function walked(vector: Vector): Layer {
  const key = vector.key === undefined ? null : fromHex(vector.key);
  const label = vector.label === undefined ? EMPTY : ascii(vector.label);
  return new Walk(vector.kind === "stream" ? "stream" : "packet", key, label).outermost(fromHex(vector.hex));
}

/** What a node with the vector's own settings sends. Compression must then come to the same decisions. */
function sendingOptions(vector: Vector, layers: readonly Layer[], mayCompress: boolean): WireOptions {
  const seal = layers.find((layer) => layer.msg === "encryptedPacket" || layer.msg === "encrypt");
  return optionsOf(vector, {
    compression: mayCompress,
    packetBytes: 65_507,
    encryptionVersion: seal?.["version"] === 0 ? 0 : 1,
    cipher: testCipher(typeof seal?.["nonce"] === "string" ? fromHex(seal["nonce"]) : EMPTY),
  });
}

interface Unpacked {
  readonly messages: readonly PacketMessage[];
  readonly faults: readonly WireFault[];
}

function unpacked(vector: Vector): Unpacked {
  const messages: PacketMessage[] = [];
  const faults: WireFault[] = [];
  const whole = new PacketCodec(optionsOf(vector)).unpack(fromHex(vector.hex), {
    message: (message) => messages.push(message),
    fault: (fault) => faults.push(fault),
  });
  if (whole !== null) faults.push(whole);
  return { messages, faults };
}

function leavesOf(layer: Layer): readonly Layer[] {
  if (layer.parts !== undefined) return layer.parts.flatMap(leavesOf);
  return layer.inner === undefined ? [layer] : leavesOf(layer.inner);
}

describe("packet vectors", () => {
  for (const vector of selected("packet", "packet/", "capture/", "legacy/", "lenient/")) {
    it(`${vector.name} means what it should`, () => {
      count(vector);
      assert.deepEqual(walked(vector), withoutConveniences(vector.decoded));
      const { messages } = unpacked(vector);
      const leaves = leavesOf(walked(vector)).filter((leaf) => leaf.msg !== "empty" && leaf.msg !== "hasCrc");
      assert.deepEqual(messages.map(described), leaves);
    });
  }

  for (const vector of selected("packet", "packet/", "capture/", "legacy/")) {
    if (NOT_WRITTEN.has(vector.name)) continue;
    it(`${vector.name} comes out again byte for byte`, () => {
      const layers = layersOf(walked(vector));
      const isCompressed = layers.some((layer) => layer.msg === "compress");
      // Captured nodes compressed whenever that helped, unless their name says that they were told not to.
      const isFree = family(vector) === "capture/" && !vector.name.includes("uncompressed");
      const packets = new PacketCodec(sendingOptions(vector, layers, isCompressed || isFree));
      packets.begin();
      const messages = unpacked(vector).messages.map(encodeMessage);
      if (LONGER_WHEN_COMPRESSED.has(vector.name)) {
        const wrap = new StreamCodec(optionsOf(vector)).wrap(messages[0] ?? EMPTY, "connect");
        assert.ok(wrap.step(1 << 20));
        assert.equal(toHex(wrap.result()), vector.hex);
        return;
      }
      for (const message of messages) assert.ok(packets.add(message));
      assert.equal(toHex(packets.finish(layers.some((layer) => layer.msg === "hasCrc"))), vector.hex);
    });
  }

  for (const vector of selected("packet", "reject/")) {
    it(`${vector.name} is refused`, () => {
      count(vector);
      const { messages, faults } = unpacked(vector);
      assert.deepEqual(messages, []);
      assert.equal(faults.length, 1);
    });
  }

  it("are refused for the reason that is theirs", () => {
    const reasons = selected("packet", "reject/").map((vector) => [vector.name, unpacked(vector).faults[0]?.reason]);
    assert.deepEqual(Object.fromEntries(reasons), {
      "reject/label-empty": "bad-label",
      "reject/label-truncated": "bad-label",
      "reject/label-only-type": "bad-label",
      "reject/compound-no-count": "truncated",
      "reject/compound-short-lengths": "truncated",
      "reject/compress-bad-algorithm": "bad-compression",
      "reject/unknown-type": "bad-type",
      "reject/crc-inside-compound": "bad-type",
      "reject/encrypted-tampered": "cannot-decrypt",
      "reject/encrypted-wrong-aad": "cannot-decrypt",
      "reject/encrypted-version-2": "bad-version",
      "reject/encrypted-too-short": "too-short",
      "reject/lzw-truncated": "bad-compression",
      "reject/seqno-overflow": "bad-integer",
      "reject/seqno-negative": "bad-integer",
    });
  });
});

describe("stream vectors", () => {
  for (const vector of selected("stream", "stream/", "capture/", "legacy/")) {
    it(`${vector.name} means what it should`, () => {
      count(vector);
      assert.deepEqual(walked(vector), withoutConveniences(vector.decoded));
      if (vector.name.endsWith("push-pull-200")) return;
      const leaf = layersOf(walked(vector)).at(-1);
      assert.ok(leaf);
      const decoder = new StreamCodec(optionsOf(vector)).decoder(receivingSide(vector, leaf));
      decoder.push(fromHex(vector.hex));
      assert.equal(decoder.step(1 << 20), "message");
      assert.deepEqual(new Walk("stream", null, EMPTY).outermost(decoder.message), leaf);
    });
  }

  for (const vector of selected("stream", "stream/", "capture/", "legacy/")) {
    if (NOT_WRITTEN.has(vector.name)) continue;
    it(`${vector.name} comes out again byte for byte`, () => {
      const layers = layersOf(walked(vector));
      const leaf = layers.at(-1);
      assert.ok(leaf);
      const isCompressed = layers.some((layer) => layer.msg === "compress");
      const options = sendingOptions(vector, layers, isCompressed);
      const decoder = new StreamCodec(optionsOf(vector)).decoder(receivingSide(vector, leaf));
      decoder.push(fromHex(vector.hex));
      assert.equal(decoder.step(1 << 20), "message");
      const side = receivingSide(vector, leaf) === "accept" ? "connect" : "accept";
      const wrap = new StreamCodec(options).wrap(rewritten(decoder.message, vector), side);
      assert.ok(wrap.step(1 << 20));
      assert.equal(toHex(wrap.result()), vector.hex);
    });
  }

  it("the header of a push/pull that goes on is as each codec writes it", () => {
    for (const vector of vectors.filter((candidate) => candidate.name.endsWith("push-pull-200"))) {
      const message = fromHex(vector.hex);
      const reader = new PushPullReader(message);
      assert.ok(!isFault(reader.header));
      const userState = new Uint8Array(reader.header.userStateLength);
      const node = { name: "", addr: EMPTY, port: 0, meta: null, incarnation: 0, state: 0, vsn: EMPTY };
      const nodes = Array.from({ length: reader.header.nodes }, () => node);
      const whole = new MessageEncoder(vector.codec).encodePushPull(reader.header, nodes, userState);
      const headerBytes = vector.codec === "v2" ? 33 : 34;
      assert.equal(toHex(whole.subarray(0, headerBytes)), toHex(message.subarray(0, headerBytes)));
    }
  });
});

/** Answers come to the side that connected. */
function receivingSide(vector: Vector, leaf: Layer): StreamSide {
  const isAnswer = vector.name.includes("/server/") || vector.name.endsWith("-reply") || leaf.msg === "err";
  return isAnswer ? "connect" : "accept";
}

/** Decodes a message and encodes it with the vector's codec. */
function rewritten(message: Uint8Array, vector: Vector): Uint8Array {
  const encoder = new MessageEncoder(vector.codec);
  if (message[0] === PUSH_PULL) {
    const reader = new PushPullReader(message);
    assert.ok(!isFault(reader.header));
    const nodes = [...nodesOf(reader)];
    const userState = reader.userState();
    assert.ok(!isFault(userState));
    return encoder.encodePushPull(reader.header, nodes, userState);
  }
  if (message[0] === USER) {
    const payload = decodeStreamUser(message);
    assert.ok(!isFault(payload));
    return encoder.encodeStreamUser(payload);
  }
  const decoded = new MessageDecoder().decode(message, 0, message.length);
  assert.ok(!isFault(decoded));
  return encoder.encode(decoded).slice();
}

describe("algorithm vectors", () => {
  it("sealed lengths are those of the table", () => {
    const rows = vectors.find((vector) => vector.name === "algo/encrypted-length")?.decoded;
    assert.ok(Array.isArray(rows));
    assert.equal(rows.length, 6);
    for (const { plain, v0, v1 } of rows) {
      assert.equal(sealedLength(0, plain), v0);
      assert.equal(sealedLength(1, plain), v1);
    }
  });
});

describe("the vectors", () => {
  it("every vector of the file was tested", () => {
    assert.deepEqual(Object.fromEntries(ran), EXPECTED_COUNTS);
  });
});
