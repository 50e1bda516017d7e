import { hostname } from "node:os";
import { crc32 } from "node:zlib";
import { type Address, addressFromText, type CoreEvent, Swim } from "@hearsay/core";
import { Messaging } from "@hearsay/core/messaging";
import { SERF_VERSIONS, Serf, type SerfClocks } from "@hearsay/core/serf";
import { META_BYTES_MAX, PacketCodec, StreamCodec, type WireOptions, wireOptions } from "@hearsay/core/wire";
import { configError, HearsayError, isHearsayError, type OptionFault } from "../base/errors.ts";
import { messageOf } from "../base/message-of.ts";
import { nodeCipher } from "../crypto/node-cipher.ts";
import { Re2Matcher } from "../expressions/re2-matcher.ts";
import { TagReader, tagsToMeta } from "../members/member-tags.ts";
import { Roster } from "../members/roster.ts";
import type { Transport, TransportHandlers } from "../transport/transport.ts";
import { advertisedAddress, isWildcard } from "./advertised-address.ts";
import { Driver } from "./driver.ts";
import { LiveTimings } from "./live-timings.ts";
import { type LocalNetwork, localNetwork } from "./local-network.ts";
import { type NodeSettings, type Platform, seededRandom } from "./settings.ts";
import { Streams } from "./streams.ts";

/** Receives what a running node reports. */
export interface NodeWatcher {
  event(event: CoreEvent): void;
  streamRefused(from: Address, reason: string): void;
  /** A stream that a peer opened could not be accepted. */
  acceptFailed(error: Error): void;
  /** The node can't go on. */
  broken(error: HearsayError): void;
}

/** Most bytes of an alive message besides name and metadata. */
const ALIVE_BYTES_MAX = 96;

/** Most bytes of an indirect ping, the longest message with two names, besides the names. */
const INDIRECT_PING_BYTES_MAX = 120;

/** For a node that doesn't need the machine's addresses. */
const NO_NETWORK: LocalNetwork = { interfaces: {}, routeSources: { ipv4: null, ipv6: null } };

/** One node on its transport: the core, its driver, and the members in their public form. */
export interface Node {
  readonly name: string;
  readonly timings: LiveTimings;
  readonly swim: Swim;
  /** Null in the flavour `memberlist`. */
  readonly serf: Serf | null;
  /** A layer of the node if the pool has extensions; always created, so that its counters can be read. */
  readonly messaging: Messaging;
  readonly driver: Driver;
  readonly streams: Streams;
  readonly roster: Roster;
  readonly address: Address;
  /** Where it listens. */
  readonly bound: Address;
  /** Warnings for the operator. */
  readonly cautions: readonly string[];
  /** Address keys that lead to this node: where it is advertised, and where it listens. */
  readonly ownKeys: ReadonlySet<string>;
  /** Most bytes of metadata that this node can announce: 512, or less if packets are small. */
  readonly metaBytesMax: number;
}

/**
 * Binds the transport and creates the node on it. The node sends nothing before `driver.start`. `clocks` are Serf's
 * clocks from a snapshot, null for none.
 */
export async function openNode(
  settings: NodeSettings,
  clocks: SerfClocks | null,
  platform: Platform,
  watcher: NodeWatcher,
): Promise<Node> {
  const { transport } = settings;
  let parts: { readonly driver: Driver; readonly streams: Streams } | null = null;
  // Others may still send to this port before the node runs: until then all input is dropped, as if the port were
  // closed.
  const inbound: TransportHandlers = {
    datagram: (from, bytes) => parts?.driver.receive(from, bytes),
    connection: (connection) =>
      parts?.driver.hasStarted === true ? parts.streams.admit(connection) : connection.destroy(),
    sendFailed: (to) => parts?.driver.sendFailed(to),
    acceptFailed: (error) => {
      if (parts !== null) parts.streams.acceptsFailed++;
      watcher.acceptFailed(error);
    },
    failed: (error) => watcher.broken(transportError(error)),
  };
  const bound = await openTransport(transport, inbound);
  const network = isWildcard(bound) ? await localNetwork() : NO_NETWORK;
  const { address, others } = advertisedAddress(bound, settings.advertise, network);
  const name = settings.nodeName ?? `${hostname()}:${bound.port}`;
  const wire = wireOf(settings);
  const serf = serfOf(settings, clocks);
  const messaging = new Messaging({ name, bootId: platform.randomBytes(8) });
  const tagReader = new TagReader();
  const timings = new LiveTimings(settings.timings, platform.clock.after);
  const swim = new Swim({
    name,
    address,
    meta: metaOf(settings),
    layers: [...(serf === null ? [] : [serf]), ...(settings.extensions ? [messaging] : [])],
    ...(serf === null ? {} : { delegateVersions: SERF_VERSIONS }),
    config: timings.current,
    protocolVersion: settings.protocolVersion,
    packets: new PacketCodec(wire),
    random: seededRandom(platform),
    hooks: {
      admits: (member, source) => settings.admits(member) && (source === null || settings.admits(source)),
      // In the flavour `memberlist` members don't announce extensions: either all have them, or none.
      ...(serf === null ? {} : { understandsExtensions: (meta) => tagReader.hasExtensions(meta) }),
    },
  });
  const { clock } = platform;
  const streams: Streams = new Streams({
    transport,
    streams: new StreamCodec(wire),
    clock,
    streamTimeoutMs: settings.timings.streamTimeoutMs,
    inboundConnectionsMax: settings.limits.inboundConnectionsMax,
    streamBytesMax: settings.limits.streamBytesMax,
    accept: (from, request, answered) => driver.accept(from, request, answered),
    membersCount: () => swim.occupancy.members,
    onRefused: (from, reason) => watcher.streamRefused(from, reason),
  });
  const driver = new Driver({
    swim,
    link: {
      send: (to, bytes) => transport.send(to, bytes),
      exchange: (to, request, deadline, done) => streams.exchange(to, request, deadline - clock.now(), done),
    },
    clock,
    onEvent: (event) => watcher.event(event),
    onBroken: (error) => watcher.broken(invariantError(error)),
  });
  const metaBytesMax = metaRoom(name, swim);
  checkRoom(settings, name, swim, metaBytesMax);
  parts = { driver, streams };
  return {
    name,
    timings,
    swim,
    serf,
    messaging,
    driver,
    streams,
    roster: new Roster({ swim, serf, tagReader, clock }),
    address,
    bound,
    cautions: others.length === 0 ? [] : [guessed(address, others)],
    ownKeys: new Set([address.key, bound.key, ...localKeys(network, bound.port)]),
    metaBytesMax,
  };
}

/** Serf for a node; null in the flavour `memberlist`. */
function serfOf({ serf }: NodeSettings, clocks: SerfClocks | null): Serf | null {
  if (serf === null) return null;
  return new Serf({ matcher: new Re2Matcher(), config: serf.config, ...(clocks === null ? {} : { clocks }) });
}

/** A node's metadata: its tags, or the application's bytes in the flavour `memberlist`. */
function metaOf({ serf, meta }: NodeSettings): Uint8Array {
  return serf === null ? meta : (tagsToMeta(serf.tags, serf.capabilities) ?? meta);
}

function guessed(address: Address, others: readonly string[]): string {
  const rest = others.length === 1 ? others[0] : `${others.slice(0, 8).join(", ")}${others.length > 8 ? ", …" : ""}`;
  return `it is a guess that others reach this node at ${address.host}, and not at ${rest}: set advertise to say which`;
}

/** The address keys of a node that listens on every interface. */
function localKeys({ interfaces }: LocalNetwork, port: number): string[] {
  const infos = Object.values(interfaces).flatMap((list) => list ?? []);
  return infos.flatMap((info) => addressFromText(info.address, port)?.key ?? []);
}

/** An application's own transport may reject with anything. */
async function openTransport(transport: Transport, handlers: TransportHandlers): Promise<Address> {
  try {
    return await transport.open(handlers);
  } catch (error) {
    throw isHearsayError(error) ? error : transportError(error);
  }
}

/** Most bytes of metadata that a node of this name can announce. */
function metaRoom(name: string, swim: Swim): number {
  const besides = ALIVE_BYTES_MAX + Buffer.byteLength(name);
  return Math.max(0, Math.min(META_BYTES_MAX, swim.payloadBytesMax - besides));
}

/** A node whose own alive message doesn't fit a packet would run, but no other node would hear of it. */
function checkRoom(settings: NodeSettings, name: string, swim: Swim, metaBytesMax: number): void {
  const { wire, serf } = settings;
  // Some messages name this node and another member, whose name may be as long.
  const nameBytesMax = Math.floor((swim.payloadBytesMax - INDIRECT_PING_BYTES_MAX) / 2);
  const faults: OptionFault[] = [];
  const check = (key: string, sizeBytes: number, limitBytes: number): void => {
    const allowed = `up to ${limitBytes} bytes, which is what a packet of ${wire.packetBytes} carries beside the label`;
    if (sizeBytes > limitBytes) faults.push({ key, value: `${sizeBytes} bytes`, allowed });
  };
  check("nodeName", Buffer.byteLength(name), nameBytesMax);
  check(serf === null ? "meta" : "tags", metaOf(settings).length, metaBytesMax);
  if (faults.length > 0) throw configError(faults);
}

function wireOf({ wire, keyring, protocolVersion }: NodeSettings): WireOptions {
  return wireOptions({
    ...wire,
    keyring,
    cipher: keyring === null ? null : nodeCipher(),
    encryptionVersion: protocolVersion === 1 ? 0 : 1,
    crc32: (bytes) => crc32(bytes),
  });
}

function transportError(error: unknown): HearsayError {
  const detail = messageOf(error);
  return new HearsayError("ERR_TRANSPORT", `the transport failed: ${detail}`, { detail }, { cause: error });
}

/** The error for anything thrown where nothing may be thrown. */
export function invariantError(error: unknown): HearsayError {
  const detail = messageOf(error);
  return new HearsayError("ERR_INVARIANT", `a bug stopped this cluster: ${detail}`, {}, { cause: error });
}
