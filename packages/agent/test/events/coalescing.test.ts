import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Member, UserEvent } from "hearsay";
import { describe as describeEvent, MEMBER_EVENT_TYPES, type MemberEventType } from "../../dist/events/agent-event.js";
import { parseFilters, wants } from "../../dist/events/event-filter.js";
import { EventPipeline, type PipelineClock } from "../../dist/events/event-pipeline.js";
import { MemberEvents } from "../../dist/events/member-events.js";
import { member } from "../support.js";

/** Time that moves when a test says so. */
class ManualClock implements PipelineClock {
  #now = 0;
  readonly #timers = new Set<{ at: number; run: () => void }>();

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = next.at;
      next.run();
    }
    this.#now = end;
  }
}

const user = (name: string, lTime: number, coalesce = true): UserEvent => ({
  name,
  payload: new Uint8Array(0),
  lTime,
  coalesce,
});

/** A pipeline of the agent's periods, and what it delivers as `time event`. */
function pipeline(): { readonly clock: ManualClock; readonly events: EventPipeline; readonly seen: string[] } {
  const clock = new ManualClock();
  const periods = { periodMs: 3000, quiescentMs: 1000 };
  const events = new EventPipeline({ memberPeriods: periods, userPeriods: periods, clock });
  const seen: string[] = [];
  events.listen((event) => {
    const who = event.kind === "member" ? ` ${event.members.map(({ name }) => name).join(",")}` : "";
    const when = event.kind === "user" ? ` at ${event.event.lTime}` : "";
    seen.push(`${clock.now()} ${describeEvent(event)}${who}${when}`);
  });
  return { clock, events, seen };
}

describe("members' events", () => {
  it("come together a second after the last one, one event for each kind", () => {
    const { clock, events, seen } = pipeline();
    events.member({ type: "member-join", member: member("a"), isForced: false });
    clock.advance(500);
    events.member({ type: "member-join", member: member("b"), isForced: false });
    events.member({ type: "member-failed", member: member("c"), isForced: false });
    clock.advance(10_000);
    assert.deepEqual(seen, ["1500 member-join a,b", "1500 member-failed c"]);
  });

  it("come at the latest three seconds after the first one", () => {
    const { clock, events, seen } = pipeline();
    for (let i = 0; i < 8; i++) {
      events.member({ type: "member-join", member: member(`m${i}`), isForced: false });
      clock.advance(600);
    }
    clock.advance(5000);
    assert.deepEqual(seen, ["3000 member-join m0,m1,m2,m3,m4", "5200 member-join m5,m6,m7"]);
  });

  it("tell the outcome only: nothing if it is what was told last, and an update once", () => {
    const { clock, events, seen } = pipeline();
    events.member({ type: "member-join", member: member("a"), isForced: false });
    clock.advance(2000);
    events.member({ type: "member-failed", member: member("a"), isForced: false });
    events.member({ type: "member-join", member: member("a"), isForced: false });
    clock.advance(2000);
    events.member({ type: "member-update", member: member("a", { meta: Uint8Array.of(1) }), isForced: false });
    clock.advance(2000);
    events.member({ type: "member-join", member: member("b"), isForced: false });
    clock.advance(2000);
    assert.deepEqual(seen, ["1000 member-join a", "5000 member-update a", "7000 member-join b"]);
  });
});

describe("members' events that come within the gathering time", () => {
  const changed = (name: string): Member => member(name, { meta: Uint8Array.of(1) });

  it("are a join of who wasn't there for the listener, an update of who was, and nothing of who came and was forgotten", () => {
    const { clock, events, seen } = pipeline();
    events.member({ type: "member-join", member: member("new"), isForced: false });
    events.member({ type: "member-update", member: changed("new"), isForced: false });
    events.member({ type: "member-join", member: member("back"), isForced: false });
    events.member({ type: "member-join", member: member("passing"), isForced: false });
    events.member({ type: "member-leave", member: member("passing"), isForced: false });
    events.member({ type: "member-reap", member: member("passing"), isForced: false });
    clock.advance(2000);
    events.member({ type: "member-failed", member: member("back"), isForced: false });
    events.member({ type: "member-join", member: member("back"), isForced: false });
    events.member({ type: "member-update", member: changed("back"), isForced: false });
    clock.advance(2000);
    events.member({ type: "member-failed", member: changed("back"), isForced: false });
    clock.advance(2000);
    events.member({ type: "member-join", member: changed("back"), isForced: false });
    events.member({ type: "member-update", member: member("back"), isForced: false });
    clock.advance(2000);
    assert.deepEqual(seen, [
      "1000 member-join new,back",
      "3000 member-update back",
      "5000 member-failed back",
      "7000 member-join back",
    ]);
  });

  it("lead a listener from what it was told last to what is so, whatever happens", () => {
    const step = fc.record({
      name: fc.constantFrom("a", "b"),
      type: fc.constantFrom(...MEMBER_EVENT_TYPES),
      meta: fc.integer({ min: 0, max: 1 }),
      afterMs: fc.constantFrom(0, 0, 400, 1500),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { clock, events } = pipeline();
        const truth = new Map<string, string>();
        const told = new Map<string, string>();
        events.listen((event) => {
          assert.ok(event.kind === "member");
          for (const one of event.members) {
            const before = told.get(one.name);
            const isThere = before?.startsWith("present") ?? false;
            if (event.type === "member-join") assert.ok(!isThere, "a join of who is there");
            if (event.type === "member-update") assert.ok(isThere, "an update of who isn't there");
            if (event.type === "member-reap") assert.ok(before !== undefined, "forgotten, and never heard of");
            note(told, event.type, one);
            assert.notEqual(told.get(one.name), before, "what is known already");
          }
        });
        for (const { name, type, meta, afterMs } of steps) {
          clock.advance(afterMs);
          const state = truth.get(name);
          if (!isPossible(type, state)) continue;
          const one = member(name, { meta: Uint8Array.of(meta) });
          events.member({ type, member: one, isForced: false });
          note(truth, type, one);
        }
        clock.advance(5000);
        assert.deepEqual([...told].sort(), [...truth].sort());
      }),
    );
  });

  function stateAfter(type: MemberEventType): string {
    return type === "member-join" || type === "member-update" ? "present" : type;
  }

  /** Whether a node may report this of a member whose state it is. */
  function isPossible(type: MemberEventType, state: string | undefined): boolean {
    const isThere = state?.startsWith("present") ?? false;
    if (type === "member-join") return !isThere;
    if (type === "member-update") return isThere;
    return type === "member-reap" ? state !== undefined : state !== type;
  }

  function note(states: Map<string, string>, type: MemberEventType, { name, meta }: Member): void {
    const state = stateAfter(type);
    if (type === "member-reap") states.delete(name);
    else states.set(name, state === "present" ? `present ${meta}` : state);
  }
});

describe("user events", () => {
  it("that may be gathered come as the latest of each name, all of them if they are of one time", () => {
    const { clock, events, seen } = pipeline();
    for (const event of [user("a", 1), user("a", 3), user("a", 2), user("a", 3), user("b", 1)]) events.user(event);
    clock.advance(5000);
    assert.deepEqual(seen, ["1000 user-event: a at 3", "1000 user-event: a at 3", "1000 user-event: b at 1"]);
  });

  it("that may not come at once", () => {
    const { events, seen } = pipeline();
    events.user(user("a", 1, false));
    events.user(user("a", 2, false));
    assert.deepEqual(seen, ["0 user-event: a at 1", "0 user-event: a at 2"]);
  });

  it("that nobody could remember come at once too", () => {
    const { clock, events, seen } = pipeline();
    for (let i = 0; i < 5000; i++) events.user(user(`name-${i}`, 1));
    assert.equal(seen.length, 5000 - 4096);
    clock.advance(5000);
    assert.equal(seen.length, 5000);
  });
});

describe("filters of events", () => {
  it("want types, names, or all, and there are no others", () => {
    const event = { kind: "user", event: user("deploy", 1) } as const;
    const wanted = (filter: string): boolean => (parseFilters(filter) ?? []).some((one) => wants(one, event));
    assert.deepEqual(["", "*", "user", "user:deploy", "query,user"].map(wanted), [true, true, true, true, true]);
    assert.deepEqual(["user:other", "query:deploy", "member-join"].map(wanted), [false, false, false]);
    for (const invalid of ["users", "member", "user,", "member-join:x"]) assert.equal(parseFilters(invalid), null);
  });
});

describe("a reader of changes that fell behind", () => {
  it("gets the events that lead to what is there now", () => {
    const events = new MemberEvents();
    const snapshot = (...members: Member[]): string[] =>
      events
        .of({ type: "snapshot", version: 1, members, reason: "start" })
        .map(({ type, member: { name } }) => `${type} ${name}`);
    assert.deepEqual(snapshot(member("a"), member("b"), member("c")), [
      "member-join a",
      "member-join b",
      "member-join c",
    ]);
    const changed = [
      member("a", { status: "failed" }),
      member("b", { incarnation: 2 }),
      member("d", { status: "left" }),
    ];
    assert.deepEqual(snapshot(...changed), ["member-failed a", "member-update b", "member-leave d", "member-reap c"]);
    assert.deepEqual(snapshot(...changed), []);
    assert.deepEqual(snapshot(member("a"), ...changed.slice(1)), ["member-join a"]);
  });
});
