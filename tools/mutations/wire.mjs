/** Rules of what comes in from the network at all. @type {readonly import("./index.mjs").Mutation[]} */
export const WIRE = [
  {
    name: "packets of another label stay out",
    file: "packages/core/src/wire/label.ts",
    find: "return isOurs ? null : FAULTS.labelMismatch;",
    replace: "return isOurs || end >= start ? null : FAULTS.labelMismatch;",
    tests: ["packages/core/test/wire/packets.test.ts"],
  },
  {
    name: "packets that are not encrypted stay out beside a key",
    file: "packages/core/src/wire/packets.ts",
    find: "return isFault(plain) && !this.options.verifyIncoming ? bytes : plain;",
    replace: "return isFault(plain) ? bytes : plain;",
    tests: ["packages/core/test/wire/packets.test.ts"],
  },
  {
    name: "the label is bound to what a stream encrypts",
    file: "packages/core/src/wire/stream-wrap.ts",
    find: "aad.set(label, FRAME_HEAD_BYTES);",
    replace: "void label;",
    tests: ["packages/core/test/wire/streams.test.ts"],
  },
  {
    name: "every key of the ring opens packets",
    file: "packages/core/src/wire/sealing.ts",
    find: "for (const key of keyring.list()) {",
    replace: "for (const key of keyring.list().slice(0, 1)) {",
    tests: ["packages/core/test/wire/packets.test.ts"],
  },
  {
    name: "a packet with a wrong checksum stays out",
    file: "packages/core/src/wire/packets.ts",
    find: "if (!this.#hasRightCrc(plain)) return FAULTS.badCrc;",
    replace: "if (plain.length < 0) return FAULTS.badCrc;",
    tests: ["packages/core/test/wire/packets.test.ts"],
  },
  {
    name: "wrappers of packets have a depth",
    file: "packages/core/src/wire/packets.ts",
    find: "if (depth >= NESTING_MAX) return FAULTS.tooDeep;",
    replace: "if (depth >= 64) return FAULTS.tooDeep;",
    tests: ["packages/core/test/wire/packets.test.ts"],
  },
  {
    name: "a stream that is not encrypted stays out beside a key",
    file: "packages/core/src/wire/stream-decoder.ts",
    find: "} else if (hasKeys && this.#options.verifyIncoming) {",
    replace: "} else if (hasKeys && type < 0) {",
    tests: ["packages/core/test/wire/streams.test.ts"],
  },
];
