import type { Address } from "../base/address.ts";
import { encodeMessage } from "../wire/encode.ts";
import type { Message } from "../wire/messages.ts";
import type { NewsPath } from "./events.ts";
import type { Outbox } from "./outbox.ts";

/**
 * The call that the core is serving: when it came, where outputs go, and where its news came from. One object is filled
 * anew for each call, since the core runs each call to completion.
 */
export interface Input {
  now: number;
  out: Outbox;
  path: NewsPath;
  from: Address | null;
  /** Whether what is news in this call may take the eager lane. */
  eager: boolean;
  /** Whether the news answers a question of ours: the state of a peer that we dialled. */
  isAnswer: boolean;
  /** Whether what is news in this call is told to others at all. */
  isTold: boolean;
  /** Answers, errands and returned accusations that the datagram in hand may still cause. */
  answersLeft: number;
  /** The bytes of the message in hand: `raw` from `rawStart` to `rawEnd`. No bytes where it didn't come by packet. */
  raw: Uint8Array;
  rawStart: number;
  rawEnd: number;
}

/** Called once with the input of the call in which something ended: never within the call that asked for it. */
export type Done = (input: Input) => void;

/** What one datagram may make this node send to single nodes: a compound of hundreds must not make us a flood. */
const ANSWERS_PER_DATAGRAM_MAX = 8;

/** Longest message that is relayed as received: what is longer has been padded, and might never fit a packet. */
const RAW_BYTES_MAX = 1024;

/** Makes the one input stand for a new call, with nothing left of the last one. */
export function begin(input: Input, now: number, out: Outbox, path: Input["path"], from: Address | null): void {
  input.now = now;
  input.out = out;
  input.path = path;
  input.from = from;
  input.eager = path !== "sync";
  input.isAnswer = false;
  input.isTold = true;
  input.answersLeft = ANSWERS_PER_DATAGRAM_MAX;
  input.rawEnd = 0;
  input.rawStart = 0;
}

/** The message as it goes on to others: byte for byte as received, so that nothing a newer peer added is lost. */
export function relayed(input: Input, message: Message): Uint8Array {
  const rawBytes = input.rawEnd - input.rawStart;
  const isRelayedRaw = rawBytes > 0 && rawBytes <= RAW_BYTES_MAX;
  return isRelayedRaw ? input.raw.slice(input.rawStart, input.rawEnd) : encodeMessage(message);
}
