import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  EVENT_SLOTS,
  encodeSerfMessage,
  JOIN,
  LEAVE,
  LTIME_MAX,
  QUERY,
  type Query,
  RELAY,
  SerfDecoder,
  SerfEncoder,
  type SerfMessage,
  STATE,
} from "@hearsay/core/serf";
import { isFault, type SignedStyle } from "@hearsay/core/wire";
import fc from "fast-check";
import { ascii, fromHex, joined, toHex } from "../../wire/bytes.ts";
import { message } from "./arbitraries.ts";

const EMPTY = new Uint8Array(0);
const decoder = new SerfDecoder();

/** Decodes hex in which `"Text"` stands for the key or short string of that text, with its head. */
function decoded(text: string): ReturnType<SerfDecoder["decode"]> {
  const bytes = fromHex(
    text.replaceAll(/"([^"]*)"/g, (_, word: string) => (0xa0 | word.length).toString(16) + toHex(ascii(word))),
  );
  return decoder.decode(bytes, 0, bytes.length);
}

function reasonOf(text: string): string {
  const result = decoded(text);
  return isFault(result) ? result.reason : "accepted";
}

function query(given: Partial<Query>): Query {
  const base = { type: QUERY, lTime: 1, id: 2, addr: fromHex("7f000001"), port: 7946, sourceNode: "a" } as const;
  return { ...base, filters: null, flags: 0, relayFactor: 0, timeoutNs: 1, name: "q", payload: null, ...given };
}

describe("Serf's messages", () => {
  it("read back as they were written, wherever in the bytes they stand, in either style of integers", () => {
    const encoders = { v2: new SerfEncoder(), "v0.5.5": new SerfEncoder("v0.5.5") };
    fc.assert(
      fc.property(message, fc.nat(8), fc.constantFrom<SignedStyle>("v2", "v0.5.5"), (original, offset, style) => {
        const bytes = joined(new Uint8Array(offset), encoders[style].encode(original));
        assert.deepEqual(decoder.decode(bytes, offset, bytes.length), original);
        assert.equal(decoder.at, original.type === RELAY ? bytes.length - original.message.length : bytes.length);
      }),
      { numRuns: 500 },
    );
  });

  it("are refused when any of their bytes is missing, but for what is relayed", () => {
    fc.assert(
      fc.property(message, fc.double({ min: 0, max: 1, noNaN: true }), (original, part) => {
        const bytes = encodeSerfMessage(original.type === RELAY ? { ...original, message: EMPTY } : original);
        const end = Math.floor(part * (bytes.length - 1));
        const result = decoder.decode(bytes, 0, end);
        assert.ok(isFault(result));
        assert.equal(result.reason, end === 0 ? "empty" : "truncated");
      }),
      { numRuns: 500 },
    );
  });

  it("borrowed bytes are the same as fresh ones", () => {
    const encoder = new SerfEncoder();
    fc.assert(
      fc.property(message, (original) =>
        assert.deepEqual(encoder.encode(original).slice(), encodeSerfMessage(original)),
      ),
    );
  });

  it("may be followed by others' bytes, and tell where", () => {
    const bytes = joined(encodeSerfMessage({ type: JOIN, lTime: 7, node: "a" }), fromHex("c14853"));
    assert.deepEqual(decoder.decode(bytes, 0, bytes.length), { type: JOIN, lTime: 7, node: "a" });
    assert.equal(decoder.at, bytes.length - 3);
  });

  it("of no known type are refused", () => {
    for (const type of ["0a80", "ff80", "0d80"]) assert.equal(reasonOf(type), "bad-type");
    assert.equal(reasonOf(""), "empty");
  });
});

describe("a lenient decoder of Serf's messages", () => {
  it("takes structs as arrays in the order of their declaration, shorter or longer than they are", () => {
    const full: readonly (readonly [array: string, expected: SerfMessage])[] = [
      ["00 93 05 'a' c3", { type: LEAVE, lTime: 5, node: "a", prune: true }],
      ["01 94 05 'a' 81a16b90 c0", { type: JOIN, lTime: 5, node: "a" }],
      ["01 91 05", { type: JOIN, lTime: 5, node: "" }],
      ["03 94 05 'e' 'p' c3", { type: 3, lTime: 5, name: "e", payload: ascii("p"), coalesce: true }],
      [
        "04 9b 05 06 a47f000001 07 's' 91a100 01 02 03 'q' 'p'",
        {
          ...query({ lTime: 5, id: 6, port: 7, sourceNode: "s", filters: [fromHex("00")], flags: 1 }),
          ...{ relayFactor: 2, timeoutNs: 3, name: "q", payload: ascii("p") },
        },
      ],
      ["05 95 05 06 'f' 01 'p'", { type: 5, lTime: 5, id: 6, from: "f", flags: 1, payload: ascii("p") }],
      ["07 91 'k'", { type: 7, key: ascii("k") }],
      ["08 94 c3 'm' 91'k' 'p'", { type: 8, result: true, message: "m", keys: ["k"], primaryKey: "p" }],
      [
        "09 92 93a401020304 05 'z' 'n' 0180",
        {
          type: RELAY,
          destIp: fromHex("01020304"),
          destPort: 5,
          destZone: "z",
          destName: "n",
          message: fromHex("0180"),
        },
      ],
      [
        "02 96 05 81'a'06 91'b' 07 92c0 92 08 91 92'e''p' 09",
        {
          ...{ type: STATE, lTime: 5, statusLTimes: new Map([["a", 6]]), leftMembers: ["b"], eventLTime: 7 },
          ...{ events: [null, { lTime: 8, events: [{ name: "e", payload: ascii("p") }] }], queryLTime: 9 },
        },
      ],
    ];
    for (const [array, expected] of full) assert.deepEqual(decoded(array.replaceAll("'", '"')), expected, array);
    const member = "06 9b 'n' a401020304 05 81'k''v' 01 02 03 04 05 06 07".replaceAll("'", '"');
    assert.deepEqual(decoded(member), {
      type: 6,
      member: {
        ...{ name: "n", addr: fromHex("01020304"), port: 5, tags: new Map([["k", "v"]]), status: 1 },
        ...{ protocolMin: 2, protocolMax: 3, protocolCur: 4, delegateMin: 5, delegateMax: 6, delegateCur: 7 },
      },
    });
  });

  it("takes missing keys as zero, skips unknown ones, and lets the last of two count", () => {
    assert.deepEqual(decoded("00 80"), { type: LEAVE, lTime: 0, node: "", prune: false });
    assert.deepEqual(decoded('01 83 "X"92c0a161 "LTime"05 "LTime"06'), { type: JOIN, lTime: 6, node: "" });
    assert.deepEqual(decoded('01 82 "Node""a" "LTime"05'), { type: JOIN, lTime: 5, node: "a" });
  });

  it("takes nil in place of anything", () => {
    assert.deepEqual(decoded("01 c0"), { type: JOIN, lTime: 0, node: "" });
    assert.deepEqual(decoded('00 83 "LTime"c0 "Node"c0 "Prune"c0'), { type: LEAVE, lTime: 0, node: "", prune: false });
    assert.deepEqual(decoded("02 96 c0 c0 c0 c0 c0 c0"), decoded("02 80"));
    assert.deepEqual(decoded("02 80"), {
      ...{ type: STATE, lTime: 0, eventLTime: 0, queryLTime: 0 },
      ...{ statusLTimes: new Map(), leftMembers: [], events: [] },
    });
    assert.deepEqual(decoded("09 c0 0180"), {
      ...{ type: RELAY, destIp: EMPTY, destPort: 0, destZone: "", destName: "", message: fromHex("0180") },
    });
  });

  it("refuses what does not fit", () => {
    assert.equal(reasonOf('01 81 "LTime"ff'), "bad-integer");
    assert.equal(reasonOf('01 81 "LTime""a"'), "bad-value");
    assert.equal(reasonOf('01 81 "LTime"cb3ff0000000000000'), "bad-value");
    assert.equal(reasonOf('01 81 "Node"05'), "bad-value");
    assert.equal(reasonOf("01 81 05 05"), "bad-key");
    assert.equal(reasonOf("01 a0"), "bad-value");
    assert.equal(reasonOf('04 81 "Port"ce00010000'), "bad-integer");
    assert.equal(reasonOf('04 81 "RelayFactor"cd0100'), "bad-integer");
    assert.equal(reasonOf('04 81 "ID"cf0000000100000000'), "bad-integer");
    assert.equal(reasonOf('04 81 "Filters"80'), "bad-value");
    assert.equal(reasonOf('02 81 "StatusLTimes"90'), "bad-value");
    assert.equal(reasonOf('02 81 "LeftMembers"80'), "bad-value");
    assert.equal(reasonOf('09 82 "DestAddr"81"Port"d2ffffffff "DestName""a"'), "bad-integer");
    assert.equal(reasonOf('09 82 "DestAddr"81"Port"d200010000 "DestName""a"'), "bad-integer");
  });
});

describe("Lamport times", () => {
  it("are exact up to 2^53 - 1, and later ones are read as that", () => {
    const timeOf = (digits: string) => {
      const result = decoded(`01 81 "LTime"cf${digits}`);
      return isFault(result) || !("lTime" in result) ? result : result.lTime;
    };
    assert.equal(timeOf("001ffffffffffffe"), LTIME_MAX - 1);
    assert.equal(timeOf("001fffffffffffff"), LTIME_MAX);
    assert.equal(timeOf("0020000000000000"), LTIME_MAX);
    assert.equal(timeOf("7fffffffffffffff"), LTIME_MAX);
    assert.equal(timeOf("8000000000000000"), LTIME_MAX);
    assert.equal(timeOf("ffffffffffffffff"), LTIME_MAX);
  });

  it("that are absurd leave the rest of a state readable", () => {
    const state = decoded('02 82 "LTime"03 "StatusLTimes"82"a"cfffffffffffffffff"b"04');
    assert.ok(!isFault(state) && state.type === STATE);
    assert.deepEqual(
      [...state.statusLTimes],
      [
        ["a", LTIME_MAX],
        ["b", 4],
      ],
    );
    assert.equal(state.lTime, 3);
  });

  it("are written in the shortest form", () => {
    const written = [127, 128, 0xffff_ffff, 0x1_0000_0000, LTIME_MAX].map((lTime) =>
      toHex(encodeSerfMessage({ type: JOIN, lTime, node: "" })).slice(16, -12),
    );
    assert.deepEqual(written, ["7f", "cc80", "ceffffffff", "cf0000000100000000", "cf001fffffffffffff"]);
  });
});

describe("a query", () => {
  it("may have any signed timeout, beyond 53 bits the nearest that a number holds", () => {
    const timeoutOf = (digits: string) => {
      const result = decoded(`04 81 "Timeout"${digits}`);
      return isFault(result) || result.type !== QUERY ? result : result.timeoutNs;
    };
    assert.equal(timeoutOf("ff"), -1);
    assert.equal(timeoutOf("d3fffffffffffffffe"), -2);
    assert.equal(timeoutOf("d37fffffffffffffff"), Number.MAX_SAFE_INTEGER);
    assert.equal(timeoutOf("d38000000000000000"), Number.MIN_SAFE_INTEGER);
    assert.equal(timeoutOf("cebebc2000"), 3_200_000_000);
  });

  it("with an empty filter is harmful, wherever the filter stands", () => {
    for (const filters of ["91a0", "91c0", "9190", "91c400", "92a100a0", "dc0001a0"]) {
      assert.equal(reasonOf(`04 82 "Filters"${filters} "Name""q"`), "harmful", filters);
    }
    assert.equal(reasonOf('04 82 "Filters"91a100 "Name""q"'), "accepted");
  });

  it("about keys without a payload is harmful", () => {
    for (const name of ["install-key", "use-key", "remove-key", "list-keys"]) {
      assert.equal(reasonOf(`04 81 "Name""_serf_${name}"`), "harmful");
      assert.equal(reasonOf(`04 82 "Name""_serf_${name}" "Payload"a0`), "harmful");
      assert.equal(reasonOf(`04 82 "Payload"a0 "Name""_serf_${name}"`), "harmful");
      assert.equal(reasonOf(`04 82 "Name""_serf_${name}" "Payload"a107`), "accepted");
    }
    assert.equal(reasonOf('04 81 "Name""_serf_ping"'), "accepted");
    assert.equal(reasonOf('04 81 "Name""_serf_conflict"'), "accepted");
  });

  it("that is harmful is not written", () => {
    assert.throws(() => encodeSerfMessage(query({ filters: [EMPTY] })), { name: "InvariantError" });
    assert.throws(() => encodeSerfMessage(query({ name: "_serf_use-key" })), { name: "InvariantError" });
    assert.throws(() => encodeSerfMessage(query({ name: "_serf_list-keys", payload: EMPTY })), {
      name: "InvariantError",
    });
  });
});

describe("a state", () => {
  const state = {
    ...({ type: STATE, lTime: 1, eventLTime: 1, queryLTime: 1 } as const),
    ...{ statusLTimes: new Map<string, number>(), leftMembers: [], events: new Array<null>(EVENT_SLOTS).fill(null) },
  };

  it("of a new node has 512 empty slots and an empty list of members that left, not nil", () => {
    const hex = toHex(encodeSerfMessage(state));
    const key = (text: string) => toHex(ascii(text));
    assert.equal(
      hex,
      `0286aa${key("EventLTime")}01a6${key("Events")}dc0200${"c0".repeat(512)}a5${key("LTime")}01` +
        `ab${key("LeftMembers")}90aa${key("QueryLTime")}01ac${key("StatusLTimes")}80`,
    );
  });

  it("keeps the order of slots, members and times", () => {
    const events = state.events.map((slot, index) => (index % 5 === 0 ? { lTime: index, events: [] } : slot));
    const names = ["b", "a", "__proto__", "10", "9"];
    const full = { ...state, events, leftMembers: names, statusLTimes: new Map(names.map((name, i) => [name, i])) };
    const bytes = encodeSerfMessage(full);
    const result = decoder.decode(bytes, 0, bytes.length);
    assert.ok(!isFault(result) && result.type === STATE);
    assert.deepEqual(result, full);
    assert.deepEqual([...result.statusLTimes.keys()], names);
  });

  it("of 70,000 members has wide heads", () => {
    const names = Array.from({ length: 70_000 }, (_, index) => `n${index}`);
    const full = { ...state, leftMembers: names, statusLTimes: new Map(names.map((name, i) => [name, i])) };
    const bytes = encodeSerfMessage(full);
    assert.deepEqual(decoder.decode(bytes, 0, bytes.length), full);
  });

  it("that claims more than the limits is refused before anything is made of it", () => {
    assert.equal(reasonOf('02 81 "Events"dd00010001'), "too-large");
    assert.equal(reasonOf('02 81 "StatusLTimes"df00100001'), "too-large");
    assert.equal(reasonOf('02 81 "LeftMembers"dd00100001'), "too-large");
    assert.equal(reasonOf('02 81 "Events"9181"Events"dd00010001'), "too-large");
    // All slots together: a first one of 65,535 events leaves room for one more.
    const first = `81"Events"dcffff${"80".repeat(65_535)}`;
    assert.equal(reasonOf(`02 81 "Events"92 ${first} 81"Events"9180`), "accepted");
    assert.equal(reasonOf(`02 81 "Events"92 ${first} 81"Events"928080`), "too-large");
  });
});
