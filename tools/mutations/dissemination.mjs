/** Rules of rumors and the eager lane. @type {readonly import("./index.mjs").Mutation[]} */
export const DISSEMINATION = [
  {
    name: "gossip ticks come as often as they are set",
    file: "packages/core/src/dissemination/dissemination.ts",
    find: "deadlines.push(input.now + config.gossipIntervalMs * jitter, GOSSIP_TICK);",
    replace: "deadlines.push(input.now + 3 * config.gossipIntervalMs * jitter, GOSSIP_TICK);",
    tests: ["packages/core/test/dissemination/dissemination.test.ts"],
  },
  {
    name: "a rumor is told until its transmit limit",
    file: "packages/core/src/dissemination/rumor.ts",
    find: "return retransmitMult * Math.ceil(Math.log10(n + 1));",
    replace: "return 1;",
    tests: [
      "packages/core/test/dissemination/dissemination.test.ts",
      "packages/core/test/dissemination/rumor-store.test.ts",
    ],
  },
  {
    name: "a newer rumor of one subject takes the older one's place",
    file: "packages/core/src/dissemination/rumor-store.ts",
    find: 'if (older !== undefined) this.#remove(older, "superseded");',
    replace: "",
    tests: ["packages/core/test/dissemination/rumor-store.test.ts"],
  },
  {
    name: "a rumor that everybody knows ends",
    file: "packages/core/src/dissemination/rumor-store.ts",
    find: "if (++rumor.heard >= limitOf(rumor, limits) && rumor.transmits > 0)",
    replace: "if (false)",
    tests: ["packages/core/test/dissemination/rumor-store.test.ts"],
  },
  {
    name: "news leaves by the eager lane",
    file: "packages/core/src/dissemination/dissemination.ts",
    find: "if (isEager && this.#parts.rules.fairShares) this.#eager.add(input, rumor);",
    replace: "",
    tests: ["packages/core/test/dissemination/dissemination.test.ts"],
  },
  {
    name: "eager news goes to the successor",
    file: "packages/core/src/dissemination/eager-lane.ts",
    find: "if (successor >= 0) this.#aim(successor, fanOut, source);",
    replace: "",
    tests: ["packages/core/test/dissemination/dissemination.test.ts"],
  },
  {
    name: "eager news never goes back to where it came from",
    file: "packages/core/src/dissemination/eager-lane.ts",
    find: "rumor.source === key ||",
    replace: "",
    tests: ["packages/core/test/dissemination/eager-sources.test.ts"],
  },
  {
    name: "news is passed on",
    file: "packages/core/src/consequences.ts",
    find: "this.#parts.dissemination.tell(input, { rumorClass, subject, bytes, ticket, isEager: input.eager, isPressing });",
    replace: "void [rumorClass, subject, bytes, ticket, isPressing];",
    tests: [
      "packages/core/test/membership/membership.test.ts",
      "packages/core/test/dissemination/dissemination.test.ts",
    ],
  },
];
