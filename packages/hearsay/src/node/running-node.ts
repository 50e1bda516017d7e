import { hostname } from "node:os";
import { crc32 } from "node:zlib";
import {
  type Address,
  addressFromText,
  type Cause,
  type CoreEvent,
  type MemberStatus,
  type MemberView,
  Swim,
} from "@hearsay/core";
import { Messaging } from "@hearsay/core/messaging";
import { SERF_VERSIONS, Serf, type SerfClocks } from "@hearsay/core/serf";
import { META_BYTES_MAX, PacketCodec, StreamCodec, type WireOptions, wireOptions } from "@hearsay/core/wire";
import { configError, HearsayError, isHearsayError, type OptionFault } from "../base/errors.ts";
import { messageOf } from "../base/message-of.ts";
import { nodeCipher } from "../crypto/node-cipher.ts";
import { Re2Matcher } from "../expressions/re2-matcher.ts";
import { causeOf, type Member, memberOf, NO_TAGS } from "../members/member.ts";
import { EXTENSIONS, type MemberTags, TagBook, tagsToMeta } from "../members/member-tags.ts";
import type { MembersPage } from "../members/members-page.ts";
import type { Transport, TransportHandlers } from "../transport/transport.ts";
import { advertisedAddress, isWildcard } from "./advertised-address.ts";
import { Driver } from "./driver.ts";
import { type LocalNetwork, localNetwork } from "./local-network.ts";
import { type NodeSettings, type Platform, seededRandom } from "./settings.ts";

/** Told what a running node reports. */
export interface NodeWatcher {
  event(event: CoreEvent): void;
  streamRefused(from: Address, reason: string): void;
  /** A stream that a peer opened could not be taken. */
  acceptFailed(error: Error): void;
  /** The node can't go on. */
  broken(error: HearsayError): void;
}

/** What an alive message takes at most besides name and metadata. */
const ALIVE_BYTES_MAX = 96;

/** What an indirect ping, the longest message with two names, takes at most besides those. */
const INDIRECT_PING_BYTES_MAX = 120;

/** Round trips remembered at the most: members come and go. */
const ROUND_TRIPS_MAX = 65_536;

/** For a node that needs to know none of the machine's addresses. */
const NO_NETWORK: LocalNetwork = { interfaces: {}, routeSources: { ipv4: null, ipv6: null } };

/** What a node is made of, besides the world around it. */
interface NodeParts {
  readonly name: string;
  readonly swim: Swim;
  readonly serf: Serf | null;
  readonly messaging: Messaging;
  readonly driver: Driver;
  readonly address: Address;
  readonly bound: Address;
  readonly cautions: readonly string[];
  readonly ownKeys: ReadonlySet<string>;
  readonly tagBook: TagBook;
}

/** One node on its transport: the core, its driver, and the public form of its members. */
export class RunningNode {
  readonly swim: Swim;
  /** Null in the flavour `memberlist`. */
  readonly serf: Serf | null;
  /** A layer of the node if the pool has extensions; made in any case, so that its counters can be read. */
  readonly messaging: Messaging;
  readonly driver: Driver;
  readonly name: string;
  readonly address: Address;
  /** Where it listens. */
  readonly bound: Address;
  /** What whoever runs it should know. */
  readonly cautions: readonly string[];
  /** Address keys that lead to this node: where it says that it is, and where it listens. */
  readonly ownKeys: ReadonlySet<string>;
  readonly #platform: Platform;
  readonly #roundTrips = new Map<string, number>();
  readonly #tagBook: TagBook;

  private constructor(parts: NodeParts, platform: Platform) {
    const { name, swim, serf, messaging, driver, address, bound, cautions, ownKeys, tagBook } = parts;
    this.name = name;
    this.swim = swim;
    this.serf = serf;
    this.messaging = messaging;
    this.driver = driver;
    this.address = address;
    this.bound = bound;
    this.cautions = cautions;
    this.ownKeys = ownKeys;
    this.#platform = platform;
    this.#tagBook = tagBook;
  }

  /**
   * Binds the transport and makes the node on it. It doesn't speak before `driver.start`. `clocks` are Serf's of an
   * earlier life, null for none.
   */
  static async open(
    settings: NodeSettings,
    clocks: SerfClocks | null,
    platform: Platform,
    watcher: NodeWatcher,
  ): Promise<RunningNode> {
    const { transport } = settings;
    let handlers: Driver["transportHandlers"] | null = null;
    const inbound: TransportHandlers = {
      datagram: (from, bytes) => handlers?.datagram(from, bytes),
      connection: (connection) => (handlers === null ? connection.destroy() : handlers.connection(connection)),
      sendFailed: (to, error) => handlers?.sendFailed(to, error),
      acceptFailed: (error) => {
        handlers?.acceptFailed();
        watcher.acceptFailed(error);
      },
      failed: (error) => watcher.broken(transportError(error)),
    };
    const bound = await openTransport(transport, inbound);
    const network = isWildcard(bound) ? await localNetwork() : NO_NETWORK;
    const { address, others } = advertisedAddress(bound, settings.advertise, network);
    const ownKeys = new Set([address.key, bound.key, ...localKeys(network, bound.port)]);
    const cautions = others.length === 0 ? [] : [guessed(address, others)];
    const name = settings.nodeName ?? `${hostname()}:${bound.port}`;
    const wire = wireOptions({ ...wireSettings(settings), crc32: (bytes) => crc32(bytes) });
    const serf = serfOf(settings, clocks);
    const messaging = new Messaging({ name, bootId: platform.randomBytes(8) });
    const tagBook = new TagBook();
    const swim = new Swim({
      name,
      address,
      meta: metaOf(settings),
      layers: [...(serf === null ? [] : [serf]), ...(settings.extensions ? [messaging] : [])],
      ...(serf === null ? {} : { delegateVersions: SERF_VERSIONS }),
      config: settings.config,
      protocolVersion: settings.protocolVersion,
      packets: new PacketCodec(wire),
      random: seededRandom(platform),
      hooks: {
        admits: (member, source) => settings.admits(member) && (source === null || settings.admits(source)),
        // In the flavour `memberlist` members don't tell: all of them do, or the pool has none.
        ...(serf === null ? {} : { understandsExtensions: (meta) => hasExtensions(tagBook, meta) }),
      },
    });
    const driver = new Driver({
      swim,
      transport,
      streams: new StreamCodec(wire),
      clock: platform.clock,
      streamTimeoutMs: settings.config.streamTimeoutMs,
      inboundConnectionsMax: settings.inboundConnectionsMax,
      streamBytesMax: settings.streamBytesMax,
      onEvent: (event) => {
        node.#remember(event);
        watcher.event(event);
      },
      onStreamRefused: (from, reason) => watcher.streamRefused(from, reason),
      onBroken: (error) => watcher.broken(invariantError(error)),
    });
    const node = new RunningNode(
      { name, swim, serf, messaging, driver, address, bound, cautions, ownKeys, tagBook },
      platform,
    );
    checkRoom(node, settings);
    handlers = driver.transportHandlers;
    return node;
  }

  /** Exchanges states with these addresses; `join-finished` has the token. False if the node has stopped. */
  join(token: number, targets: readonly Address[], replays: boolean): boolean {
    const { driver, swim, serf } = this;
    const hasBegun = driver.run((now) => {
      if (serf === null) swim.join(now, token, targets, driver);
      else serf.join(now, token, targets, replays, driver);
      return true;
    });
    return hasBegun ?? false;
  }

  /** Bytes of the longest metadata that this node can tell of: 512, or less where packets are small. */
  get metaBytesMax(): number {
    const besides = ALIVE_BYTES_MAX + Buffer.byteLength(this.name);
    return Math.max(0, Math.min(META_BYTES_MAX, this.swim.payloadBytesMax - besides));
  }

  /** Bytes of the longest name that this node can have: some messages about it name another member, maybe as long. */
  get nameBytesMax(): number {
    return Math.floor((this.swim.payloadBytesMax - INDIRECT_PING_BYTES_MAX) / 2);
  }

  /** The public form of a core view. */
  member(view: MemberView): Member {
    const { clock } = this.#platform;
    return memberOf(view, clock.wallNow() - clock.now(), this.#roundTrips.get(view.name) ?? null, this.tagsOf(view));
  }

  /** A member's tags; none in the flavour `memberlist`. */
  tagsOf({ meta }: MemberView): MemberTags {
    return this.serf === null ? NO_TAGS : this.#tagBook.tags(meta);
  }

  /** Whether a member takes part in Hearsay's extensions, by what it tells. */
  hasExtensions({ meta }: MemberView): boolean {
    return this.serf === null || hasExtensions(this.#tagBook, meta);
  }

  /** One member as the core sees it; with Serf also those who have long been gone. */
  view(name: string): MemberView | undefined {
    return this.serf === null ? this.swim.member(name) : this.serf.member(name);
  }

  /** Why nothing more is to be expected of a member; null if it is here, or unknown. */
  goneAs(name: string): "dead" | "left" | null {
    const status = this.view(name)?.status;
    return status === "dead" || status === "left" ? status : null;
  }

  /** Names of members in one of these statuses, in no order. */
  namesOf(...statuses: readonly MemberStatus[]): string[] {
    const views = this.serf === null ? this.swim.members() : this.serf.members();
    return views.filter(({ status }) => statuses.includes(status)).map(({ name }) => name);
  }

  /** A cause with its times since the epoch. */
  cause(cause: Cause): Cause {
    const { clock } = this.#platform;
    return causeOf(cause, clock.wallNow() - clock.now());
  }

  /** All members in order of their names, those that are gone but not yet forgotten included. */
  members(): Member[] {
    const views = this.serf === null ? this.swim.members() : this.serf.members();
    views.sort((a, b) => (a.name < b.name ? -1 : 1));
    return views.map((view) => this.member(view));
  }

  /** Members that are not known to be gone whose names follow `after`, `limit` at most, made as they are read. */
  page(after: string, limit: number): MembersPage {
    const present = (this.serf ?? this.swim).members().filter(({ status }) => status !== "dead" && status !== "left");
    const names = present
      .map(({ name }) => name)
      .filter((name) => name > after)
      .sort();
    const listed = names.slice(0, limit);
    const wanted = new Set(listed);
    const views = new Map(present.filter(({ name }) => wanted.has(name)).map((view) => [view.name, view]));
    const next = names.length > limit ? (listed.at(-1) ?? null) : null;
    return { total: present.length, next, members: this.#made(listed, views) };
  }

  *#made(names: readonly string[], views: ReadonlyMap<string, MemberView>): Generator<Member, void, undefined> {
    for (const name of names) {
      const view = views.get(name);
      if (view !== undefined) yield this.member(view);
    }
  }

  #remember(event: CoreEvent): void {
    if (event.type === "ping-answered") {
      const isKnown = this.#roundTrips.has(event.name);
      if (isKnown || this.#roundTrips.size < ROUND_TRIPS_MAX) this.#roundTrips.set(event.name, event.roundTripMs);
    } else if (event.type === "member" && event.kind === "reaped") {
      this.#roundTrips.delete(event.member.name);
    }
  }
}

function hasExtensions(tagBook: TagBook, meta: Uint8Array): boolean {
  return (tagBook.capabilities(meta) & EXTENSIONS) !== 0;
}

/** Serf for a node, unless it is one of memberlist's. */
function serfOf({ serf }: NodeSettings, clocks: SerfClocks | null): Serf | null {
  if (serf === null) return null;
  return new Serf({ matcher: new Re2Matcher(), config: serf.config, ...(clocks === null ? {} : { clocks }) });
}

/** A node's metadata: its tags, or what the application says in the flavour `memberlist`. */
function metaOf({ serf, meta }: NodeSettings): Uint8Array {
  return serf === null ? meta : (tagsToMeta(serf.tags, serf.capabilities) ?? meta);
}

function guessed(address: Address, others: readonly string[]): string {
  const rest = others.length === 1 ? others[0] : `${others.slice(0, 8).join(", ")}${others.length > 8 ? ", …" : ""}`;
  return `it is a guess that others reach this node at ${address.host}, and not at ${rest}: set advertise to say which`;
}

/** Where a node that listens on every interface is reached. */
function localKeys({ interfaces }: LocalNetwork, port: number): string[] {
  const infos = Object.values(interfaces).flatMap((list) => list ?? []);
  return infos.flatMap((info) => addressFromText(info.address, port)?.key ?? []);
}

/** What a transport of the application's own rejects with may be anything. */
async function openTransport(transport: Transport, handlers: TransportHandlers): Promise<Address> {
  try {
    return await transport.open(handlers);
  } catch (error) {
    throw isHearsayError(error) ? error : transportError(error);
  }
}

/** A node whose own news fits no packet would run, and nobody would ever hear of it. */
function checkRoom(node: RunningNode, settings: NodeSettings): void {
  const { packetBytes, serf } = settings;
  const faults: OptionFault[] = [];
  const check = (key: string, sizeBytes: number, limitBytes: number): void => {
    const allowed = `up to ${limitBytes} bytes, which is what a packet of ${packetBytes} carries beside the label`;
    if (sizeBytes > limitBytes) faults.push({ key, value: `${sizeBytes} bytes`, allowed });
  };
  check("nodeName", Buffer.byteLength(node.name), node.nameBytesMax);
  check(serf === null ? "meta" : "tags", metaOf(settings).length, node.metaBytesMax);
  if (faults.length > 0) throw configError(faults);
}

function wireSettings(settings: NodeSettings): Partial<WireOptions> {
  return {
    label: settings.label,
    skipInboundLabelCheck: settings.skipInboundLabelCheck,
    compression: settings.compression,
    packetBytes: settings.packetBytes,
    keyring: settings.keyring,
    cipher: settings.keyring === null ? null : nodeCipher(),
    verifyIncoming: settings.verifyIncoming,
    verifyOutgoing: settings.verifyOutgoing,
    encryptionVersion: settings.protocolVersion === 1 ? 0 : 1,
  };
}

function transportError(error: unknown): HearsayError {
  const detail = messageOf(error);
  return new HearsayError("ERR_TRANSPORT", `the transport failed: ${detail}`, { detail }, { cause: error });
}

/** For whatever was thrown where nothing may be. */
export function invariantError(error: unknown): HearsayError {
  const detail = messageOf(error);
  return new HearsayError("ERR_INVARIANT", `a bug stopped this cluster: ${detail}`, {}, { cause: error });
}
