import type { Address } from "../base/address.ts";
import { EMPTY } from "../base/bytes.ts";
import type { SwimConfig } from "../base/config.ts";
import { type Counters, newCounters } from "../base/counters.ts";
import { Deadlines } from "../base/deadlines.ts";
import type { Random } from "../base/random.ts";
import { RULES, type Rules } from "../base/rules.ts";
import type { Call } from "../call/call.ts";
import { Exchanges } from "../call/exchanges.ts";
import { PacketSender } from "../call/packet-sender.ts";
import { Awareness } from "../detector/awareness.ts";
import { NamedPings } from "../detector/named-pings.ts";
import { Prober } from "../detector/prober.ts";
import { Relay } from "../detector/relay.ts";
import { Sequence } from "../detector/sequence.ts";
import { pingOverStream } from "../detector/stream-ping.ts";
import { Dissemination } from "../dissemination/dissemination.ts";
import { LayerStack } from "../layers/layer-stack.ts";
import { AddressCache } from "../membership/address-cache.ts";
import { DeadNotices } from "../membership/dead-notices.ts";
import { Evidence } from "../membership/evidence.ts";
import { memberRecord, type RecordMaker } from "../membership/member-record.ts";
import { MemberTable, type Slot } from "../membership/member-table.ts";
import { Membership } from "../membership/membership.ts";
import { Selection } from "../membership/selection.ts";
import { ALIVE_STATUS, DEAD_STATUS } from "../membership/status.ts";
import { Suspicions } from "../membership/suspicion.ts";
import { EncodeQueue } from "../sync/encode-queue.ts";
import { Joins } from "../sync/joins.ts";
import { MergeQueue } from "../sync/merge-queue.ts";
import { PostJoinSync } from "../sync/post-join-sync.ts";
import { PushPull } from "../sync/push-pull.ts";
import { Reconnector } from "../sync/reconnector.ts";
import { MessageDecoder } from "../wire/decode.ts";
import { AnswerBudget } from "./answer-budget.ts";
import { MembershipEffects, type MembershipEffectsParts } from "./membership-effects.ts";
import { Receiver } from "./receiver.ts";
import { StreamServer } from "./stream-server.ts";
import type { SwimOptions } from "./swim-options.ts";

/** The modules of one node, wired together. */
export interface Parts {
  readonly rules: Rules;
  /** The layers on top of this node. */
  readonly layers: LayerStack;
  readonly random: Random;
  readonly config: SwimConfig;
  readonly selection: Selection;
  readonly selfName: string;
  readonly selfAddress: Address;
  readonly admits: (address: Address, source: Address | null) => boolean;
  readonly counters: Counters;
  readonly deadlines: Deadlines;
  readonly table: MemberTable;
  /** This node's own slot. */
  readonly self: Slot;
  readonly makeRecord: RecordMaker;
  readonly evidence: Evidence;
  readonly suspicions: Suspicions;
  readonly awareness: Awareness;
  readonly dissemination: Dissemination;
  readonly sender: PacketSender;
  readonly membership: Membership;
  readonly relay: Relay;
  readonly namedPings: NamedPings;
  readonly prober: Prober;
  readonly exchanges: Exchanges;
  readonly encodes: EncodeQueue;
  readonly merges: MergeQueue;
  readonly pushPull: PushPull;
  readonly postJoinSync: PostJoinSync;
  readonly joins: Joins;
  readonly reconnector: Reconnector;
  readonly receiver: Receiver;
  readonly streamServer: StreamServer;
  /** Removes the members that have been gone for longer than `gossipToTheDeadMs`. */
  readonly reap: (call: Call) => void;
}

/** Builds a node's modules, starting from the table. Only this function knows which module depends on which. */
export function assemble(options: SwimOptions): Parts {
  const { config, random, packets, name, address, hooks = {} } = options;
  const makeRecord = recordMaker(options);
  const own = makeRecord(name, address, options.meta ?? EMPTY, ownVersions(options));
  const table = new MemberTable(random);
  const counters = newCounters();
  const base = {
    config,
    random,
    table,
    layers: new LayerStack(options.layers ?? [], counters),
    admits: hooks.admits ?? ((): boolean => true),
    rules: typeof options.rules === "object" ? options.rules : RULES[options.rules ?? "hearsay"],
    self: table.add(own, ALIVE_STATUS, 0, 0),
    answers: new AnswerBudget(),
    deadlines: new Deadlines(),
    counters,
    evidence: new Evidence(),
    sequence: new Sequence(),
    exchanges: new Exchanges(),
    // Shared by all streams, so that the names of known members in a state come from one cache.
    decoder: new MessageDecoder(),
    addresses: new AddressCache(),
    makeRecord,
    awareness: new Awareness(config.awarenessMaxMult),
    selection: new Selection(table, random),
    selfName: name,
    selfAddress: address,
    portOf: (port: number): number => (port === 0 || options.protocolVersion === 1 ? address.port : port),
  };
  const { deadlines, exchanges, rules } = base;
  const suspicions = new Suspicions(config, deadlines, rules.confirmations);
  const dissemination = new Dissemination(base);
  const sender = new PacketSender(packets, dissemination, counters);
  const relay = new Relay({ ...base, sender });
  const namedPings = new NamedPings(sender, deadlines, base.sequence, own);
  const deadNotices = new DeadNotices(table, random, Math.max(1000, config.probeIntervalMs));
  const late: MembershipEffectsParts = {
    ...base,
    dissemination,
    sender,
    namedPings,
    deadNotices,
    membership: null,
    reconnector: null,
  };
  const sink = new MembershipEffects(late);
  const { membersMax, deadNodeReclaimMs } = config;
  const membership = new Membership({ ...base, suspicions, sink, membersMax, deadNodeReclaimMs }, base.self);
  const merges = new MergeQueue({
    ...base,
    membersMax,
    membership,
    changes: () => sink.changes,
    veto: hooks.vetoesJoin ?? null,
    badEntries: (call, from, count) => call.out.event({ type: "notice", notice: { kind: "bad-entries", from, count } }),
  });
  const encodes = new EncodeQueue(base);
  const pushPull = new PushPull({ ...base, encodes, merges });
  const postJoinSync = new PostJoinSync({ ...base, pushPull, changes: () => sink.changes });
  const joins = new Joins(pushPull, postJoinSync, base.layers, config.joinParallel);
  const reconnector = new Reconnector({ ...base, namedPings, pushPull });
  late.membership = membership;
  late.reconnector = reconnector;
  const reap = (call: Call): void =>
    membership.reap(call, call.now - config.gossipToTheDeadMs, (record, status) => {
      if (status === DEAD_STATUS) reconnector.lose(record, call.now);
    });
  const prober: Prober = new Prober({
    ...base,
    sender,
    membership,
    streamPings: options.streamPings ?? true,
    roundDone: reap,
    pingOverStream: (call, seqNo, to, request, deadline) =>
      pingOverStream(exchanges, prober, call, seqNo, to, request, deadline),
    datagramsBlocked: (call, record) =>
      call.out.event({
        type: "notice",
        notice: { kind: "datagrams-blocked", name: record.name, address: record.address },
      }),
    answered: (call, { name: member }, roundTripMs, payload) => {
      base.layers.pingAnswered(call, member, roundTripMs, payload);
      call.out.event({ type: "ping-answered", name: member, roundTripMs, payload });
    },
  });
  const receiver = new Receiver({ ...base, sender, membership, prober, relay, namedPings });
  return {
    ...base,
    suspicions,
    dissemination,
    sender,
    membership,
    relay,
    namedPings,
    prober,
    encodes,
    merges,
    pushPull,
    postJoinSync,
    joins,
    reconnector,
    receiver,
    reap,
    streamServer: new StreamServer({ ...base, pushPull }),
  };
}

function recordMaker({ makeRecord = memberRecord, hooks = {} }: SwimOptions): RecordMaker {
  const isCapable = hooks.understandsExtensions ?? ((): boolean => true);
  return (name, address, meta, versions) => makeRecord(name, address, meta, versions, isCapable(meta));
}

function ownVersions(options: SwimOptions): Uint8Array {
  const [dMin, dMax, dCur] = options.delegateVersions ?? [0, 0, 0];
  return Uint8Array.of(1, 5, options.protocolVersion ?? 2, dMin, dMax, dCur);
}
