/** Rules of the application's messages and its feed of changes. @type {readonly import("./index.mjs").Mutation[]} */
export const MESSAGING = [
  {
    name: "a channel's message is heard once",
    file: "packages/core/src/layers/messaging/seen-window.ts",
    find: 'if ((word & mask) !== 0) return "again";',
    replace: "",
    tests: ["packages/core/test/messaging/messenger.test.ts"],
  },
  {
    name: "a message far behind its origin's latest is not heard",
    file: "packages/core/src/layers/messaging/seen-window.ts",
    find: 'return "too-old";',
    replace: 'return "first";',
    tests: ["packages/core/test/messaging/messenger.test.ts"],
  },
  {
    name: "one's own message that comes back is not heard",
    file: "packages/core/src/layers/messaging/messenger.ts",
    find: "const isOwn = origin === this.name && sameBytes(bootId, this.#bootId);",
    replace: "const isOwn = false;",
    tests: ["packages/core/test/messaging/messenger.test.ts"],
  },
  {
    name: "a channel's message is passed on",
    file: "packages/hearsay/src/messaging/messaging.ts",
    find: "else this.#host.broadcast(bytes, { rumorClass, source });",
    replace: "",
    tests: ["packages/hearsay/test/messaging/channel.test.ts"],
  },
  {
    name: "only the member that was asked may answer",
    file: "packages/hearsay/src/messaging/requests.ts",
    find: "pending === undefined || pending.member !== reply.origin",
    replace: "pending === undefined",
    tests: ["packages/hearsay/test/messaging/requests.test.ts"],
  },
  {
    name: "a reader that falls behind gets a new snapshot",
    file: "packages/hearsay/src/members/change-feed.ts",
    find: "reader.hasOverflowed = true;",
    replace: "",
    tests: ["packages/hearsay/test/changes/change-feed.test.ts"],
  },
];
