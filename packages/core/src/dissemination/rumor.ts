import type { Copy, Done } from "../call/call.ts";

/** What kind of news a rumor carries, most pressing first. Each class has its share of every packet. */
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

/** The share of each packet that a class is sure of, in percent, by class. */
export const RUMOR_SHARES: readonly number[] = [20, 35, 20, 15, 10];

/** One message that must spread. */
export interface News {
  /** The message, type byte first. */
  readonly bytes: Uint8Array;
  readonly rumorClass: RumorClass;
  /** A newer rumor of the same subject takes this one's place. Empty: it stands for itself. */
  readonly subject: string;
  /** Increases from rumor to rumor: the higher one is the newer. */
  readonly id: number;
  /** Called at the end of the call in which the rumor is done; null: nobody waits. */
  readonly onDone: Done | null;
  /** Address key of the node that told us; it is not told back eagerly. Empty for our own news. */
  readonly source: string;
  /** Whether only members that understand Hearsay's extensions are told. */
  readonly isExtension: boolean;
  /** Whether the eager lane sends it even when its budget is spent but for what is kept for such news. */
  readonly isPressing: boolean;
}

/** How often a rumor is sent: an extension is for fewer members, where others are among them. */
export interface TransmitLimits {
  readonly plain: number;
  readonly extension: number;
}

/** News, and how far it has got. */
export interface Rumor extends News {
  transmits: number;
  /** Copies that have come back from others. */
  heard: number;
  /** The datagram that brought the last copy: copies in one datagram count as one. */
  heardIn: number;
  isQueued: boolean;
  newer: Rumor | null;
  older: Rumor | null;
}

/** News of which nobody has been told yet. */
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
/** For a target that was chosen because it understands extensions: it shall not get more of the others for that. */
export const EXTENSIONS_ONLY: Wanted = { plain: false, extensions: true };

/** How often this rumor is sent. */
export function limitOf({ isExtension }: Rumor, limits: TransmitLimits): number {
  return isExtension ? limits.extension : limits.plain;
}

/** A queue of rumors: the store with guaranteed shares, or the reference's order for comparisons. */
export interface RumorQueue {
  readonly size: number;
  /** Those of `size` that are for capable members only. */
  readonly extensions: number;
  /** Queues a rumor in the place of an older one of its subject. */
  put(rumor: Rumor): void;
  /**
   * Adds a packet's worth of the wanted rumors, one transmission each. Returns how many it added.
   */
  fill(packet: RumorPacket, limits: TransmitLimits, wanted: Wanted): number;
  /** Counts `times` transmissions that were made outside `fill`. */
  transmitted(rumor: Rumor, times: number, limits: TransmitLimits): void;
  /**
   * Somebody sent us what we are telling, as `copy`, in the datagram of that number: once as many copies are heard as
   * it would be sent, and it was told at least once, the rumor is old news.
   */
  heardAgain(subject: string, copy: Copy, datagram: number, limits: TransmitLimits): void;
  /** Rumors whose subjects begin so. Walks the queue: for when somebody asks how full it is. */
  countOf(subjectPrefix: string): number;
  /** Drops what the application told, up to the rumor of one id; of what is for capable members, up to another. */
  forget(upToId: number, upToExtension: number): void;
}

/** Told what becomes of rumors. */
export interface RumorWatcher {
  /** The rumor is done: its transmissions are spent, or `reason` says what else ended it. */
  finished(rumor: Rumor, reason: "spent" | "superseded" | "known" | "dropped"): void;
}
