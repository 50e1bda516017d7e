import assert from "node:assert/strict";
import type { Address, SwimConfig, SwimOptions } from "@hearsay/core";
import {
  encodeSerfMessage,
  JOIN,
  LEAVE,
  type LTime,
  QUERY,
  type Query,
  type RegExpMatcher,
  SERF_VERSIONS,
  Serf,
  SerfDecoder,
  type SerfEvent,
  type SerfMessage,
  type SerfOptions,
} from "@hearsay/core/serf";
import { type Alive, isFault, USER } from "@hearsay/core/wire";
import { address, alive, entry, LoneNode, userState, state as wholeState } from "./lone-node.ts";

/** Versions of a node with Serf. */
const VERSIONS = Uint8Array.of(1, 5, 2, ...SERF_VERSIONS);

const A = address("10.0.0.2");

/** Matches as JavaScript does, which is near enough to RE2 for tests that write their own expressions. */
const MATCHER: RegExpMatcher = { isFound: (expression, text) => new RegExp(expression, "u").test(text) };

/** An alive message of a node with Serf. */
export function serfAlive(node: string, host: string, incarnation = 1, more: Partial<Alive> = {}): Alive {
  return alive(node, host, incarnation, { vsn: VERSIONS, ...more });
}

/** A query of somebody at 10.0.0.2, for everybody, of ten seconds. */
export function query(lTime: LTime, more: Partial<Query> = {}): Query {
  return {
    type: QUERY,
    lTime,
    id: 7,
    addr: A.ip,
    port: A.port,
    sourceNode: "asker",
    filters: null,
    flags: 0,
    relayFactor: 0,
    timeoutNs: 10e9,
    name: "load",
    payload: null,
    ...more,
  };
}

/** A node with Serf on it, whose whole outside world is a test. It has no ticks unless the test asks for some. */
export class LoneSerf extends LoneNode {
  readonly serf: Serf;

  constructor(
    serf: Partial<SerfOptions> = {},
    config: Partial<SwimConfig> = { probeIntervalMs: 0, gossipIntervalMs: 0, pushPullIntervalMs: 0 },
    options: Partial<SwimOptions> = {},
  ) {
    const layer = new Serf({ matcher: MATCHER, ...serf });
    super({ layers: [layer], delegateVersions: SERF_VERSIONS, ...options }, config);
    this.serf = layer;
  }

  /** Makes these members known, at 10.0.1.1 and on, and forgets what that set off. */
  with(...names: string[]): this {
    for (const [i, name] of names.entries()) this.receive(A, serfAlive(name, `10.0.1.${i + 1}`));
    this.until(this.now);
    return this.clear();
  }

  /** Brings it a message of Serf's in a datagram, and lets it do what is due at once. */
  hear(message: SerfMessage | Uint8Array, from: Address = A): this {
    const payload = message instanceof Uint8Array ? message : encodeSerfMessage(message);
    return this.receive(from, { type: USER, payload }).until(this.now);
  }

  hearLeave(node: string, lTime: number, prune = false): this {
    return this.hear({ type: LEAVE, lTime, node, prune });
  }

  hearJoin(node: string, lTime: number): this {
    return this.hear({ type: JOIN, lTime, node });
  }

  /** What Serf told the application since the last `clear`. */
  get serfEvents(): SerfEvent[] {
    return this.events.flatMap((event) => this.serf.eventOf(event) ?? []);
  }

  /** Exchanges states with a peer that has nothing but this to tell; returns what this node tells. */
  merge(state: SerfMessage | Uint8Array, isJoin = false): SerfMessage {
    const bytes = state instanceof Uint8Array ? state : encodeSerfMessage(state);
    const peer = entry("peer", "10.0.0.2", { vsn: VERSIONS });
    const answer = this.ask(A, wholeState([peer], isJoin, bytes));
    assert.ok(answer !== null);
    const own = userState(answer);
    const decoded = new SerfDecoder().decode(own, 0, own.length);
    assert.ok(!isFault(decoded));
    return decoded;
  }

  /** Serf's messages of one type sent since the last `clear`, each once. */
  said<T extends SerfMessage["type"]>(type: T): (SerfMessage & { type: T })[] {
    return this.saidTo().flatMap(({ message }) => (isOfType(message, type) ? [message] : []));
  }

  /** Serf's messages sent since the last `clear`, each once for each receiver. */
  saidTo(): { readonly to: string; readonly message: SerfMessage }[] {
    const decoder = new SerfDecoder();
    const seen = new Set<string>();
    const said: { to: string; message: SerfMessage }[] = [];
    for (const { to, messages } of this.sent) {
      for (const message of messages) {
        if (message.type !== USER) continue;
        const key = Buffer.from(message.payload).toString("latin1");
        const decoded = decoder.decode(message.payload, 0, message.payload.length);
        assert.ok(!isFault(decoded));
        if (!seen.has(`${to} ${key}`)) said.push({ to, message: decoded });
        seen.add(`${to} ${key}`);
      }
    }
    return said;
  }

  /** Messages of one type, each once, however many members were told. */
  told<T extends SerfMessage["type"]>(type: T): (SerfMessage & { type: T })[] {
    const texts = new Set<string>();
    return this.said(type).filter((message) => {
      const text = Buffer.from(encodeSerfMessage(message)).toString("latin1");
      return !texts.has(text) && texts.add(text);
    });
  }

  /** Names and statuses of all members but this node, as `a alive`. */
  view(): string[] {
    return this.serf
      .members()
      .filter(({ name }) => name !== "self")
      .map(({ name, status }) => `${name} ${status}`)
      .sort();
  }
}

function isOfType<T extends SerfMessage["type"]>(message: SerfMessage, type: T): message is SerfMessage & { type: T } {
  return message.type === type;
}
