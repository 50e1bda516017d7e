import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadVectors, type Vector } from "@hearsay/testkit/vectors";
import type { Codec } from "../../../dist/faces/rpc/codec.js";
import * as m from "../../../dist/faces/rpc/messages.js";
import { RpcWriter } from "../../../dist/faces/rpc/rpc-writer.js";
import { INCOMPLETE, UNREADABLE, ValueStream } from "../../../dist/faces/rpc/value-stream.js";

interface Decoded {
  readonly header: unknown;
  readonly bodyType?: string;
  readonly body?: unknown;
}

const BODIES: Readonly<Record<string, Codec<unknown>>> = {
  handshakeRequest: m.HANDSHAKE,
  authRequest: m.AUTH,
  eventRequest: m.EVENT,
  forceLeaveRequest: m.FORCE_LEAVE,
  joinRequest: m.JOIN,
  joinResponse: m.JOINED,
  membersFilteredRequest: m.MEMBERS_FILTERED,
  membersResponse: m.MEMBERS,
  keyRequest: m.KEY,
  keyResponse: m.KEY_RESULT,
  monitorRequest: m.MONITOR,
  streamRequest: m.STREAM,
  stopRequest: m.STOP,
  tagsRequest: m.TAGS,
  queryRequest: m.QUERY,
  coordinateRequest: m.GET_COORDINATE,
  coordinateResponse: m.COORDINATE_RESULT,
  respondRequest: m.RESPOND,
  stats: m.STATS,
  logRecord: m.LOG_RECORD,
  userEventRecord: m.USER_EVENT_RECORD,
  queryEventRecord: m.QUERY_EVENT_RECORD,
  memberEventRecord: m.MEMBER_EVENT_RECORD,
  queryRecord: m.QUERY_RECORD,
};

const VECTORS = loadVectors().filter(({ kind }) => kind === "rpc-request" || kind === "rpc-response");

/** Values as the vectors write them: bytes as `{ bytes }`, maps as objects. */
function shown(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString("hex") };
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, one]) => [key, shown(one)]));
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shown(one)]));
}

function header({ kind }: Vector): Codec<unknown> {
  return kind === "rpc-request" ? m.REQUEST_HEADER : m.RESPONSE_HEADER;
}

describe("messages of the RPC, as Serf's own agent and client sent them", () => {
  it("the file has a vector of every kind", () => {
    assert.equal(VECTORS.length, 73);
  });

  for (const vector of VECTORS) {
    it(`${vector.name} reads as what it is, and is written as it was`, () => {
      const decoded = vector.decoded as Decoded;
      const codecs = [header(vector)];
      if (decoded.bodyType !== undefined) {
        const body = BODIES[decoded.bodyType];
        assert.ok(body, `no codec for ${decoded.bodyType}`);
        codecs.push(body);
      }
      // Byte by byte, so that each value arrives in the smallest pieces.
      const stream = new ValueStream(1 << 20);
      const values: unknown[] = [];
      for (const byte of Buffer.from(vector.hex, "hex")) {
        stream.add(Uint8Array.of(byte));
        const codec = codecs[values.length];
        const value: unknown = codec === undefined ? INCOMPLETE : stream.takeAs(codec);
        assert.notEqual(value, UNREADABLE);
        if (value !== INCOMPLETE) values.push(value);
      }
      assert.equal(stream.pending, 0);
      assert.deepEqual(
        values.map(shown),
        decoded.bodyType === undefined ? [decoded.header] : [decoded.header, decoded.body],
      );
      const writer = new RpcWriter(vector.codec);
      for (const [i, codec] of codecs.entries()) codec.write(writer, values[i]);
      assert.equal(Buffer.from(writer.copy()).toString("hex"), vector.hex);
    });
  }
});
