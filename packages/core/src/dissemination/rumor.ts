import type { Copy, Done } from "../call/call.ts";

/** The class of a rumor's news, most urgent first. Each class has its share of every packet. */
export type RumorClass = 0 | 1 | 2 | 3 | 4;
/** Application news that must not wait. */
export const URGENT = 0;
/** Suspicions, deaths and departures, and what refutes them. */
export const FAILURES = 1;
/** Arrivals and changed metadata. */
export const JOINS = 2;
/** Application news. */
export const APPLICATION = 3;
/** Application data that may take its time. */
export const BULK = 4;
export const RUMOR_CLASSES = 5;

/** The guaranteed share of each packet, in percent, by class. */
export const RUMOR_SHARES: readonly number[] = [20, 35, 20, 15, 10];

/** One message that must spread. */
export interface News {
  /** The message, type byte first. */
  readonly bytes: Uint8Array;
  readonly rumorClass: RumorClass;
  /** A newer rumor of the same subject replaces this one. If empty, nothing replaces it. */
  readonly subject: string;
  /** Increases from rumor to rumor: higher is newer. */
  readonly id: number;
  /** Called at the end of the call in which the rumor ends; null if nobody waits for it. */
  readonly onDone: Done | null;
  /** Address key of the node that sent it; the eager lane does not send it back. Empty for this node's own news. */
  readonly source: string;
  /** Whether it is only for members that understand Hearsay's extensions. */
  readonly isExtension: boolean;
  /** Whether it may spend the reserve of the eager lane's budget. */
  readonly isPressing: boolean;
}

/** How often a rumor is sent. In a mixed pool, extensions are for fewer members than plain rumors. */
export interface TransmitLimits {
  readonly plain: number;
  readonly extension: number;
}

/** News and the state of its spreading. */
export interface Rumor extends News {
  transmits: number;
  /** Copies received from others. */
  heard: number;
  /** The datagram that brought the last copy: copies in one datagram count as one. */
  heardIn: number;
  isQueued: boolean;
  newer: Rumor | null;
  older: Rumor | null;
}

/** A rumor that has not been sent yet. */
export function newRumor(news: News): Rumor {
  const { bytes, rumorClass, subject, id, onDone, source, isExtension, isPressing } = news;
  return {
    bytes,
    rumorClass,
    subject,
    id,
    onDone,
    source,
    isExtension,
    isPressing,
    transmits: 0,
    heard: 0,
    heardIn: 0,
    isQueued: false,
    newer: null,
    older: null,
  };
}

/** Where rumors go: a packet under construction. `PacketCodec` is one. */
export interface RumorPacket {
  /** Bytes of the longest message that still fits. */
  room(): number;
  add(message: Uint8Array): boolean;
}

/** How often each rumor is sent in a view of `n`: mult x ceil(log10(n + 1)) (docs/protocol/memberlist.md, 16.2). */
export function transmitLimit(retransmitMult: number, n: number): number {
  return retransmitMult * Math.ceil(Math.log10(n + 1));
}

/** Which rumors a packet takes. */
export interface Wanted {
  readonly plain: boolean;
  readonly extensions: boolean;
}

/** For a member that doesn't understand extensions. */
export const PLAIN: Wanted = { plain: true, extensions: false };
/** For a member that does. */
export const ALL_KINDS: Wanted = { plain: true, extensions: true };
/** For a target chosen because it understands extensions, so that this does not bring it more plain rumors. */
export const EXTENSIONS_ONLY: Wanted = { plain: false, extensions: true };

/** How often this rumor is sent. */
export function limitOf({ isExtension }: Rumor, limits: TransmitLimits): number {
  return isExtension ? limits.extension : limits.plain;
}

/** A queue of rumors: the store with guaranteed shares, or the reference's order for comparisons. */
export interface RumorQueue {
  readonly size: number;
  /** How many of all rumors are for capable members only. */
  readonly extensions: number;
  /** Queues a rumor, which replaces an older one of the same subject. */
  put(rumor: Rumor): void;
  /**
   * Adds a packet's worth of the wanted rumors, one transmission each. Returns how many it added.
   */
  fill(packet: RumorPacket, limits: TransmitLimits, wanted: Wanted): number;
  /** Counts `times` transmissions that were made outside `fill`. */
  transmitted(rumor: Rumor, times: number, limits: TransmitLimits): void;
  /**
   * Counts a copy of a rumor, received in the datagram of that number. The rumor ends once as many copies were received
   * as it may be sent, if it was sent at least once.
   */
  heardAgain(subject: string, copy: Copy, datagram: number, limits: TransmitLimits): void;
  /** Rumors whose subjects have this prefix. It walks the queue, so it is only for occasional statistics. */
  countOf(subjectPrefix: string): number;
  /** Drops application rumors: plain ones up to the id `upToId`, extensions up to the id `upToExtension`. */
  forget(upToId: number, upToExtension: number): void;
}

/** Receives the ends of rumors. */
export interface RumorWatcher {
  /** A rumor has ended, because its transmissions are spent or for another `reason`. */
  finished(rumor: Rumor, reason: "spent" | "superseded" | "known" | "dropped"): void;
}
