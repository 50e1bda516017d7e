import { APPLICATION, type MemberView, SETTINGS } from "@hearsay/core";
import { ALIVE, DEAD, encodeMessage, PacketCodec, type PacketMessage, SUSPECT, wireOptions } from "@hearsay/core/wire";
import { type LineKind, quoted } from "./narrator.ts";
import type { Line, Stage } from "./stage.ts";
import type { StageNode } from "./stage-node.ts";
import { Words } from "./words.ts";

/** How long a story waits for something at most. */
const LIMIT_MS = 600_000;
const VERSIONS = Uint8Array.of(1, 5, 2, 0, 0, 0);
const KINDS: Readonly<Record<string, LineKind>> = {
  probes: "probe",
  packets: "packet",
  streams: "stream",
  events: "event",
};

/** Runs one command of a story and returns what it prints. Throws an error that says what is wrong with it. */
export function perform(stage: Stage, command: string): string[] {
  const words = new Words(command);
  const name = words.next("a command");
  const run = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (run === undefined) throw new Error(`${name} is no command; there are ${Object.keys(COMMANDS).join(", ")}`);
  const answer = run(stage, words) ?? [];
  words.end();
  return [...textsOf(stage.takeLines()), ...answer];
}

/** What a story can say (README.md beside this file). Those that only do something print what happens at once. */
const COMMANDS: Readonly<Record<string, (stage: Stage, words: Words) => string[] | undefined>> = {
  use(stage, words) {
    for (const layer of words.rest("serf or messaging")) stage.use(layer);
  },
  set(stage, words) {
    const key = words.next("a setting");
    const setting = SETTINGS.find((known) => known.key === key);
    if (setting === undefined) throw new Error(`${key} is no setting`);
    stage.set({ [setting.key]: words.number("a number") });
  },
  pool(stage, words) {
    stage.startPool(words.rest("a node"));
  },
  start(stage, words) {
    const handle = words.next("a node");
    const name = words.skip("as") ? words.next("a name") : handle;
    stage.add(handle, name).start([]);
  },

  crash(stage, words) {
    nodeIn(stage, words).stop();
  },
  restart(stage, words) {
    nodeIn(stage, words).start([]);
  },
  pause(stage, words) {
    nodeIn(stage, words).pause();
  },
  resume(stage, words) {
    nodeIn(stage, words).resume();
  },
  cut(stage, words) {
    const from = nodeIn(stage, words).address.key;
    const isBothWays = words.skip("<->");
    if (!isBothWays && !words.skip("->")) throw new Error("write cut a -> b, or cut a <-> b");
    const to = nodeIn(stage, words).address.key;
    stage.network.cut(from, to);
    if (isBothWays) stage.network.cut(to, from);
  },
  partition(stage, words) {
    const groups: string[][] = [];
    do groups.push(words.until(["|"], "a node").map((handle) => stage.node(handle).address.key));
    while (words.skip("|"));
    stage.network.partition(groups);
  },
  slow(stage, words) {
    stage.slow(nodeIn(stage, words), words.duration());
  },
  heal(stage) {
    stage.heal();
  },

  join(stage, words) {
    nodeIn(stage, words).join(words.rest("a node to join by").map((handle) => stage.node(handle)));
  },
  leave(stage, words) {
    const node = nodeIn(stage, words);
    node.call((now, out) => node.swim.leave(now, out));
  },
  meta(stage, words) {
    const node = nodeIn(stage, words);
    const meta = words.text();
    node.call((now, out) => node.swim.setMeta(now, 0, meta, out));
  },
  say(stage, words) {
    const node = nodeIn(stage, words);
    const payload = words.text();
    node.call((now, out) => node.swim.broadcast(now, payload, { rumorClass: APPLICATION }, out));
  },
  event(stage, words) {
    const node = nodeIn(stage, words);
    const name = words.next("the event's name");
    const payload = words.text();
    node.call((now, out) => void layerOf(node, node.serf, "serf").event(now, name, payload, false, out));
  },
  "force-leave"(stage, words) {
    const node = nodeIn(stage, words);
    const name = words.next("a member");
    node.call((now, out) => layerOf(node, node.serf, "serf").forceLeave(now, 0, name, false, out));
  },
  publish(stage, words) {
    const node = nodeIn(stage, words);
    const channel = words.next("a channel");
    const payload = words.text();
    const messaging = layerOf(node, node.messaging, "messaging");
    node.call((now, out) => messaging.publish(now, channel, payload, APPLICATION, 0, out));
  },
  packet(stage, words) {
    const from = nodeIn(stage, words);
    if (!words.skip("->")) throw new Error("write packet a -> b and a message");
    const to = nodeIn(stage, words);
    const codec = new PacketCodec(wireOptions({ compression: false }));
    codec.begin();
    codec.add(encodeMessage(messageIn(stage, words)));
    stage.datagram(from, to.address, codec.finish(false));
  },

  run(stage, words) {
    if (words.skip("until")) {
      const node = nodeIn(stage, words);
      if (!words.skip("holds")) throw new Error("write run until a holds b failed");
      const member = words.next("a member");
      const status = words.next("a status");
      const holds = (): boolean => memberOf(node, member)?.status === status;
      if (!stage.runUntil(holds, LIMIT_MS)) throw new Error(`${node.handle} never holds ${member} ${status}`);
    } else {
      stage.run(words.duration());
    }
    const shows = filterIn(stage, words);
    const texts = textsOf(stage.takeLines().filter(shows));
    return texts.length === 0 ? ["(nothing)"] : texts;
  },

  members(stage, words) {
    const views = membersOf(nodeIn(stage, words));
    views.sort((a, b) => (a.name < b.name ? -1 : 1));
    return views.map(({ name, status, incarnation, meta }) => {
      return `  ${name}  ${status}@${incarnation}${meta.length === 0 ? "" : ` meta ${quoted(meta)}`}`;
    });
  },
  explain(stage, words) {
    const node = nodeIn(stage, words);
    const name = words.next("a member");
    return node.swim.explain(name).map((cause) => {
      const atMs = String(stage.sinceBeginning(cause.atMs)).padStart(6);
      return `${atMs} ms  ${cause.status}@${cause.incarnation}, ${stage.narrator.cause(cause, name)}`;
    });
  },
  health(stage, words) {
    return [`  local health ${nodeIn(stage, words).swim.awareness}`];
  },
  count(stage, words) {
    const counter = words.next("a counter");
    const texts = words.rest("a node").map((handle) => `${handle} ${counterOf(stage.node(handle), counter)}`);
    return [`  ${texts.join(", ")}`];
  },
};

function nodeIn(stage: Stage, words: Words): StageNode {
  return stage.node(words.next("a node"));
}

/** A message as a transcript shows it: `suspect c@1 by b`. An alive tells where its member really is. */
function messageIn(stage: Stage, words: Words): PacketMessage {
  const kind = words.next("a message");
  const [, node, digits] = words.next("a member").match(/^(\w+)@(\d+)$/) ?? [];
  if (node === undefined) throw new Error("write a member as c@1");
  const incarnation = Number(digits);
  if (kind === "alive") {
    const { ip, port } = stage.node(node).address;
    return { type: ALIVE, node, addr: ip, port, incarnation, meta: null, vsn: VERSIONS };
  }
  if (kind !== "suspect" && kind !== "dead") throw new Error(`a story can send alive, suspect and dead, not ${kind}`);
  if (!words.skip("by")) throw new Error(`write ${kind} ${node}@${incarnation} by a member`);
  return { type: kind === "dead" ? DEAD : SUSPECT, node, incarnation, from: words.next("a member") };
}

/** Which lines to print: `show` or `hide` with kinds, and `of` with nodes, one of which takes part. */
function filterIn(stage: Stage, words: Words): (line: Line) => boolean {
  const filters = ["show", "hide", "of"];
  const tests: ((line: Line) => boolean)[] = [];
  while (!words.isAtEnd) {
    const filter = words.next("a filter");
    if (!filters.includes(filter)) throw new Error(`${filter} is no filter; there are ${filters.join(", ")}`);
    if (filter === "of") {
      const chosen = words.until(filters, "a node").map((handle) => stage.node(handle));
      tests.push(({ nodes }) => nodes.some((node) => chosen.includes(node)));
    } else {
      const chosen = words.until(filters, "a kind").map(kindOf);
      const isChosen = (kind: LineKind): boolean => chosen.includes(kind);
      tests.push(({ kinds }) => (filter === "show" ? kinds.some(isChosen) : !kinds.every(isChosen)));
    }
  }
  return (line) => tests.every((test) => test(line));
}

function kindOf(word: string): LineKind {
  const kind = KINDS[word];
  if (kind === undefined) throw new Error(`${word} is no kind; there are ${Object.keys(KINDS).join(", ")}`);
  return kind;
}

function textsOf(lines: readonly Line[]): string[] {
  return lines.map(({ text }) => text);
}

/** As the application sees it, which is by Serf's eyes where Serf runs. */
function membersOf({ serf, swim }: StageNode): MemberView[] {
  return (serf ?? swim).members();
}

function memberOf({ serf, swim }: StageNode, name: string): MemberView | undefined {
  return (serf ?? swim).member(name);
}

function layerOf<T>({ handle }: StageNode, layer: T | null, name: string): T {
  if (layer === null) throw new Error(`${handle} has no ${name}: write use ${name} before it starts`);
  return layer;
}

function counterOf({ swim, serf, messaging }: StageNode, name: string): number {
  const all = new Map<string, number>(
    [swim.counters, serf?.counters, messaging?.messenger.counters].flatMap((counters) =>
      Object.entries(counters ?? {}),
    ),
  );
  const count = all.get(name);
  if (count === undefined) throw new Error(`${name} is no counter`);
  return count;
}
