import { addressKey, presetConfig, Sfc32, Swim } from "@hearsay/core";
import {
  ALL_KINDS,
  JOINS,
  MemberTable,
  memberRecord,
  newRumor,
  type Rumor,
  RumorStore,
  Selection,
} from "@hearsay/core/internal";
import { encodeMessage, PacketCodec, PING, wireOptions } from "@hearsay/core/wire";
import type { Figure } from "./figures.ts";
import type { Meter } from "./meter.ts";
import { QuietOutbox } from "./quiet-outbox.ts";
import { address, alive, hostOf, members, nameOf, pushPull, VERSIONS } from "./sample-messages.ts";

const MEMBERS = 10_000;
const PEER = { name: nameOf(0), address: address(hostOf(0)) };

/** The costs of a node's most frequent work, in a pool of 10,000 where the size matters. */
export function coreCosts(meter: Meter): Figure[] {
  return [pings(meter), ...merges(meter), picking(meter), queue(meter)];
}

/** A started node and its outbox. */
interface Node {
  readonly swim: Swim;
  readonly out: QuietOutbox;
}

function node(): Node {
  const swim = new Swim({
    name: "self",
    address: address("10.1.0.1"),
    config: presetConfig("lan"),
    packets: new PacketCodec(wireOptions()),
    random: new Sfc32(1),
  });
  const out = new QuietOutbox();
  swim.start(0, out);
  return { swim, out };
}

/** Makes a node merge a state that it requested from a peer. Time stands still, so nothing else happens. */
function adopt({ swim, out }: Node, state: Uint8Array): number {
  swim.join(0, 1, [PEER.address], out);
  while (swim.occupancy.statesEncoding > 0) swim.advance(0, out);
  const asked = out.exchanges.pop();
  if (asked === undefined) throw new Error("the node did not ask");
  swim.exchangeDone(0, asked.token, { ok: true, message: state }, out);
  while (swim.occupancy.statesMerging > 0) swim.advance(0, out);
  return swim.occupancy.members;
}

function pings(meter: Meter): Figure {
  const { swim, out } = node();
  // Waiting rumors would be piggybacked on the acks, so they are sent first.
  for (let at = 0; at < 20_000; at += 100) swim.advance(at, out);
  const ping = encodeMessage({
    type: PING,
    node: "self",
    seqNo: 4711,
    sourceAddr: PEER.address.ip,
    sourcePort: PEER.address.port,
    sourceNode: PEER.name,
  });
  return meter.measure("receive a ping and answer it", () => {
    swim.receive(20_000, PEER.address, ping, out);
    return out.datagrams;
  });
}

function merges(meter: Meter): Figure[] {
  const state = pushPull(members(MEMBERS, 0, PEER.address));
  const knowing = (): Node => {
    const subject = node();
    adopt(subject, state);
    return subject;
  };
  const merge = (subject: Node): number => adopt(subject, state);
  return [
    meter.measureOnce("merge a push/pull of 10,000, all new, per entry", node, merge, MEMBERS),
    meter.measureOnce("merge a push/pull of 10,000, all known, per entry", knowing, merge, MEMBERS),
  ];
}

function picking(meter: Meter): Figure {
  const random = new Sfc32(2);
  const table = new MemberTable(random);
  for (let i = 0; i < MEMBERS; i++) {
    table.add(memberRecord(nameOf(i), address(hostOf(i)), new Uint8Array(0), VERSIONS, true), 0, 1, 0);
  }
  const selection = new Selection(table, random);
  return meter.measure("pick 3 of 10,000 members", () => selection.alive(3, 0));
}

/** Fills packets of 1,400 bytes from a queue of 10,000 alives, which never reach their transmit limit. */
function queue(meter: Meter): Figure {
  const store = new RumorStore(16_384, { finished: () => {} });
  for (let i = 0; i < MEMBERS; i++) store.put(rumor(i));
  const codec = new PacketCodec(wireOptions({ compression: false }));
  let limit = 1;
  return meter.measure("take a packet of rumors from a queue of 10,000", () => {
    codec.begin();
    const limits = { plain: limit + 1_000_000, extension: limit + 1_000_000 };
    limit++;
    return store.fill(codec, limits, ALL_KINDS);
  });
}

function rumor(index: number): Rumor {
  return newRumor({
    bytes: encodeMessage(alive(index, 40)),
    rumorClass: JOINS,
    subject: nameOf(index),
    id: index + 1,
    onDone: null,
    source: addressKey(hostOf(index), 7946),
    isExtension: false,
    isPressing: false,
  });
}
