import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SEEN_ORIGIN_MS_MIN, SEEN_ORIGINS_MAX } from "@hearsay/core/messaging";
import { SeenOrigins } from "../../dist/layers/messaging/seen-origins.js";

const BOOT = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const OTHER_BOOT = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 9);

function full(nowMs: number): SeenOrigins {
  const seen = new SeenOrigins();
  for (let i = 0; i < SEEN_ORIGINS_MAX; i++) assert.equal(seen.note(`n${i}`, BOOT, 1, nowMs), "first");
  return seen;
}

describe("the origins that are remembered", () => {
  it("keep names and lives apart", () => {
    const seen = new SeenOrigins();
    assert.equal(seen.note("a", BOOT, 7, 0), "first");
    assert.equal(seen.note("b", BOOT, 7, 0), "first");
    assert.equal(seen.note("a", OTHER_BOOT, 7, 0), "first");
    assert.equal(seen.note("a", BOOT, 7, 0), "again");
    assert.equal(seen.size, 3);
  });

  it("don't give way to new ones within the minute in which their messages may circulate", () => {
    const seen = full(0);
    assert.equal(seen.note("new", BOOT, 1, SEEN_ORIGIN_MS_MIN - 1), "full");
    for (let i = 0; i < SEEN_ORIGINS_MAX; i++) assert.equal(seen.note(`n${i}`, BOOT, 1, 0), "again");
    assert.equal(seen.forgotten, 0);
  });

  it("give way later, the one silent for longest first, and never grow beyond the limit", () => {
    const seen = full(0);
    seen.note("n0", BOOT, 2, 50_000);
    assert.equal(seen.note("new", BOOT, 1, SEEN_ORIGIN_MS_MIN + 1000), "first");
    assert.equal(seen.size, SEEN_ORIGINS_MAX);
    assert.equal(seen.forgotten, 1);
    assert.equal(seen.note("n0", BOOT, 2, SEEN_ORIGIN_MS_MIN + 1000), "again", "spoke lately");
    assert.equal(seen.note("n2", BOOT, 1, SEEN_ORIGIN_MS_MIN + 1000), "again", "was not the oldest");
    assert.equal(seen.note("n1", BOOT, 1, SEEN_ORIGIN_MS_MIN + 1000), "first", "was the oldest");
  });

  it("keep their order of silence to the second", () => {
    const seen = full(0);
    seen.note("n0", BOOT, 2, 999);
    seen.note("n1", BOOT, 2, 1000);
    for (const name of ["new", "newer"]) assert.equal(seen.note(name, BOOT, 1, SEEN_ORIGIN_MS_MIN + 1000), "first");
    assert.equal(seen.note("n1", BOOT, 2, SEEN_ORIGIN_MS_MIN + 1000), "again");
    assert.equal(seen.note("n0", BOOT, 2, SEEN_ORIGIN_MS_MIN + 1000), "first");
  });

  it("give way after a clock was set back, since it can't tell how long they were silent", () => {
    const seen = full(1_000_000);
    assert.equal(seen.note("new", BOOT, 1, 0), "first");
  });
});
