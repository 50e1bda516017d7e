import {
  CONFLICT_RESPONSE,
  type Coordinate,
  encodeFilter,
  JOIN,
  KEY_REQUEST,
  KEY_RESPONSE,
  LEAVE,
  LTIME_MAX,
  type LTime,
  NODE_FILTER,
  QUERY,
  QUERY_RESPONSE,
  type QueryFilter,
  RELAY,
  type SerfMessage,
  type SerfState,
  STATE,
  TAG_FILTER,
  USER_EVENT,
} from "@hearsay/core/serf";
import fc from "fast-check";
import { name, u16, u32 } from "../../wire/arbitraries.ts";

/** An arbitrary of plain objects; by default some of fast-check's have no prototype. */
function plain<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true });
}

export const lTime: fc.Arbitrary<LTime> = fc.oneof(
  u32,
  fc.maxSafeNat(),
  fc.constantFrom(0x1_0000_0000, 0xffff_ffff, LTIME_MAX - 1, LTIME_MAX),
);

const u8 = fc.nat(0xff);
const ip = fc.oneof(...[0, 4, 16].map((length) => fc.uint8Array({ minLength: length, maxLength: length })));
const payload = fc.option(fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.constant(new Uint8Array(70_000))));
const signed = fc.oneof(
  fc.maxSafeInteger(),
  fc.constantFrom(-32, -33, -128, -129, -32_769, -(2 ** 31) - 1, 127, 128, 32_767, 32_768, 2 ** 31, 2 ** 32),
);

export const tags: fc.Arbitrary<Map<string, string>> = fc
  .array(fc.tuple(name, name), { maxLength: 20 })
  .map((pairs) => new Map(pairs));

export const filter: fc.Arbitrary<QueryFilter> = fc.oneof(
  plain({ type: fc.constant(NODE_FILTER), names: fc.array(name, { maxLength: 20 }) }),
  plain({ type: fc.constant(TAG_FILTER), tag: name, expression: name }),
);

const float = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(0, -0, 1.5, Number.MIN_VALUE, 1e300));

export const coordinate: fc.Arbitrary<Coordinate> = plain({
  vec: fc.array(float, { maxLength: 20 }),
  error: float,
  adjustment: float,
  height: float,
});

const storedEvent = plain({ name, payload: fc.option(fc.uint8Array({ maxLength: 40 })) });

export const state: fc.Arbitrary<SerfState> = plain({
  type: fc.constant(STATE),
  lTime,
  eventLTime: lTime,
  queryLTime: lTime,
  statusLTimes: fc.array(fc.tuple(name, lTime), { maxLength: 20 }).map((pairs) => new Map(pairs)),
  leftMembers: fc.array(name, { maxLength: 20 }),
  events: fc.array(fc.option(plain({ lTime, events: fc.array(storedEvent, { maxLength: 20 }) })), { maxLength: 40 }),
});

const member = plain({
  name,
  addr: ip,
  port: u16,
  tags,
  status: signed,
  protocolMin: u8,
  protocolMax: u8,
  protocolCur: u8,
  delegateMin: u8,
  delegateMax: u8,
  delegateCur: u8,
});

export const message: fc.Arbitrary<SerfMessage> = fc.oneof(
  plain({ type: fc.constant(LEAVE), lTime, node: name, prune: fc.boolean() }),
  plain({ type: fc.constant(JOIN), lTime, node: name }),
  state,
  plain({ type: fc.constant(USER_EVENT), lTime, name, payload, coalesce: fc.boolean() }),
  plain({
    type: fc.constant(QUERY),
    lTime,
    id: u32,
    addr: ip,
    port: u16,
    sourceNode: name,
    filters: fc.option(fc.array(filter.map(encodeFilter), { maxLength: 20 })),
    flags: u32,
    relayFactor: u8,
    timeoutNs: signed,
    name,
    payload,
  }),
  plain({ type: fc.constant(QUERY_RESPONSE), lTime, id: u32, from: name, flags: u32, payload }),
  plain({ type: fc.constant(CONFLICT_RESPONSE), member: fc.option(member) }),
  plain({ type: fc.constant(KEY_REQUEST), key: fc.uint8Array({ maxLength: 40 }) }),
  plain({
    type: fc.constant(KEY_RESPONSE),
    result: fc.boolean(),
    message: name,
    keys: fc.option(fc.array(name, { maxLength: 20 })),
    primaryKey: name,
  }),
  plain({
    type: fc.constant(RELAY),
    destIp: ip,
    destPort: u16,
    destZone: name,
    destName: name,
    message: fc.uint8Array({ maxLength: 80 }),
  }),
);
