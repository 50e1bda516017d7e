import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  encodeCoordinatePayload,
  encodeFilter,
  encodeSnapshot,
  encodeSnapshotLine,
  encodeTags,
  parseSnapshotLine,
  replaySnapshot,
  SerfDecoder,
  SerfEncoder,
  type SnapshotReplay,
} from "@hearsay/core/serf";
import { isFault, type WireFault } from "@hearsay/core/wire";
import { loadVectors, type Vector, type VectorKind } from "@hearsay/testkit/vectors";
import { fromHex, joined, toHex } from "../../wire/bytes.ts";
import { describedBytes, describedCoordinate, describedFilter } from "./described.ts";

const vectors = loadVectors();
const decoder = new SerfDecoder();

/** How many vectors there are of each sort that this file runs: a vector that is skipped changes a number. */
const EXPECTED_COUNTS = {
  "serf-message": 28,
  "serf-filter": 2,
  "serf-tags": 3,
  "serf-ack-payload": 2,
  snapshot: 2,
};

/** How often captured packets and streams, and vectors made like them, hold something of Serf's. */
const EXPECTED_EMBEDDED = { serf: 62, tags: 91, coordinate: 12 };

const ran = new Map<string, number>();

function selected(kind: VectorKind): Vector[] {
  return vectors.filter((vector) => vector.kind === kind);
}

function count(vector: Vector): void {
  ran.set(vector.kind, (ran.get(vector.kind) ?? 0) + 1);
}

function valid<T>(result: T | WireFault): T {
  if (isFault(result)) assert.fail(result.reason);
  return result;
}

/** The bytes of a message, decoded and encoded again. */
function rewritten(bytes: Uint8Array, codec: Vector["codec"]): string {
  return toHex(new SerfEncoder(codec).encode(valid(decoder.decode(bytes, 0, bytes.length))));
}

/** A member of an object that came out of a vector. */
function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)).get(name) : undefined;
}

/** The members of a vector's `decoded` that only a Serf message has, without what it tells about byte fields. */
function withoutConveniences(decoded: unknown): unknown {
  if (typeof decoded !== "object" || decoded === null) return decoded;
  return Object.fromEntries(Object.entries(decoded).filter(([name]) => name !== "filters" && name !== "payload"));
}

describe("Serf's message vectors", () => {
  for (const vector of selected("serf-message")) {
    it(`${vector.name} means what it should, and comes out again byte for byte`, () => {
      count(vector);
      const bytes = fromHex(vector.hex);
      assert.deepEqual(describedBytes(bytes), withoutConveniences(vector.decoded));
      assert.equal(rewritten(bytes, vector.codec), vector.hex);
    });
  }

  it("have the filters and payloads that they say", () => {
    let compared = 0;
    for (const vector of selected("serf-message")) {
      const message = valid(decoder.decode(fromHex(vector.hex), 0, vector.hex.length / 2));
      const filters = memberOf(vector.decoded, "filters");
      const payload = memberOf(vector.decoded, "payload");
      if (filters !== undefined) {
        assert.ok("filters" in message && message.filters !== null);
        const described = message.filters.map((filter) => describedFilter(valid(decoder.filter(filter))));
        assert.deepEqual(described, filters);
        compared++;
      }
      if (payload !== undefined) {
        assert.ok("payload" in message && message.payload !== null);
        assert.deepEqual(describedBytes(message.payload), payload);
        compared++;
      }
    }
    assert.equal(compared, 5);
  });
});

describe("Serf's other vectors", () => {
  for (const vector of selected("serf-filter")) {
    it(`${vector.name} means what it should, and comes out again byte for byte`, () => {
      count(vector);
      const filter = valid(decoder.filter(fromHex(vector.hex)));
      assert.deepEqual(describedFilter(filter), vector.decoded);
      assert.equal(toHex(encodeFilter(filter)), vector.hex);
    });
  }

  for (const vector of selected("serf-tags")) {
    it(`${vector.name} means what it should, and comes out again byte for byte`, () => {
      count(vector);
      const tags = valid(decoder.tags(fromHex(vector.hex)));
      assert.deepEqual({ tags: Object.fromEntries(tags) }, vector.decoded);
      const protocol = vector.name.endsWith("proto2") ? 2 : 5;
      assert.equal(toHex(valid(encodeTags(tags, protocol))), vector.hex);
    });
  }

  for (const vector of selected("serf-ack-payload")) {
    it(`${vector.name} means what it should, and comes out again byte for byte`, () => {
      count(vector);
      const coordinate = valid(decoder.coordinatePayload(fromHex(vector.hex)));
      assert.deepEqual({ version: 1, coordinate: describedCoordinate(coordinate) }, vector.decoded);
      assert.equal(toHex(encodeCoordinatePayload(coordinate)), vector.hex);
    });
  }
});

describe("snapshot vectors", () => {
  for (const vector of selected("snapshot")) {
    const bytes = fromHex(vector.hex);

    it(`${vector.name} replays to the state that it should`, () => {
      count(vector);
      const rejoining = memberOf(vector.decoded, "withRejoinAfterLeave");
      const expected = Object.entries(vector.decoded ?? {}).filter(([name]) => name !== "withRejoinAfterLeave");
      assert.deepEqual(replayed(replaySnapshot(bytes, false)), Object.fromEntries(expected));
      assert.deepEqual(replayed(replaySnapshot(bytes, true)), rejoining ?? vector.decoded);
    });

    it(`${vector.name} comes out again line by line, and compacted means the same`, () => {
      const lines = Buffer.from(bytes).toString("utf8").split("\n").slice(0, -1);
      const written = lines.map((line) => {
        const record = parseSnapshotLine(line);
        return typeof record === "string" ? Buffer.from(`${line}\n`) : encodeSnapshotLine(record);
      });
      assert.equal(toHex(joined(...written.filter((line) => line !== null))), vector.hex);
      const replay = replaySnapshot(bytes, true);
      assert.deepEqual(replayed(replaySnapshot(encodeSnapshot(replay), true)), replayed(replay));
    });
  }
});

function replayed({ aliveNodes, clock, eventClock, queryClock }: SnapshotReplay): unknown {
  return { aliveNodes: Object.fromEntries(aliveNodes), clock, eventClock, queryClock };
}

describe("what captured packets and streams hold of Serf's", () => {
  const found = { serf: 0, tags: 0, coordinate: 0 };

  it("means what it should, and comes out again byte for byte", () => {
    for (const vector of vectors) {
      if (vector.kind === "packet" || vector.kind === "stream") visit(vector.decoded, vector.codec);
    }
    assert.deepEqual(found, EXPECTED_EMBEDDED);
  });

  /** Compares each convenience with the bytes beside it. */
  function visit(value: unknown, codec: Vector["codec"]): void {
    if (typeof value !== "object" || value === null) return;
    const { serf, tags, coordinate, payload, userState, Meta, fields, ...rest }: Record<string, unknown> =
      Object.fromEntries(Object.entries(value));
    for (const child of [...Object.values(rest), fields]) visit(child, codec);
    if (serf !== undefined) visitSerf(bytesOf(payload ?? userState), serf, codec);
    if (tags !== undefined) visitTags(bytesOf(Meta ?? memberOf(fields, "Meta")), tags);
    if (coordinate !== undefined) visitCoordinate(bytesOf(memberOf(fields, "Payload")), coordinate);
  }

  function visitSerf(bytes: Uint8Array, serf: unknown, codec: Vector["codec"]): void {
    found.serf++;
    assert.deepEqual(describedBytes(bytes), withoutConveniences(serf));
    assert.equal(rewritten(bytes, codec), toHex(bytes));
  }

  function visitTags(meta: Uint8Array, expected: unknown): void {
    found.tags++;
    const tags = valid(decoder.tags(meta));
    assert.deepEqual(Object.fromEntries(tags), expected);
    if (meta[0] === 0xff) assert.deepEqual(encodeTags(tags), meta);
  }

  function visitCoordinate(payload: Uint8Array, expected: unknown): void {
    found.coordinate++;
    const coordinate = valid(decoder.coordinatePayload(payload));
    assert.deepEqual({ version: 1, coordinate: describedCoordinate(coordinate) }, expected);
    assert.equal(toHex(encodeCoordinatePayload(coordinate)), toHex(payload));
  }

  function bytesOf(value: unknown): Uint8Array {
    const hex = memberOf(value, "bytes");
    assert.ok(typeof hex === "string");
    return fromHex(hex);
  }
});

describe("Serf's vectors", () => {
  it("every vector of the file was tested", () => {
    assert.deepEqual(Object.fromEntries(ran), EXPECTED_COUNTS);
  });
});
