import type { Address, Outbox } from "@hearsay/core";
import { APPLICATION, type Call, Layer, type LayerHost, type LayerState } from "@hearsay/core/internal";

/** How all messages of this layer begin: `C1 48 53`, and a kind that no other layer has (docs/protocol/hearsay.md). */
const PREFIX = Uint8Array.of(0xc1, 0x48, 0x53, 200);
const EXPIRY = 0;

/** What the layer tells the application. */
export type NotesEvent = { readonly text: string } | { readonly answer: string | null };

/** A board with one note that everybody sees, the longest one that anybody has put up, for `keptMs`. */
export class Notes extends Layer<NotesEvent> {
  override readonly name = "notes";
  override readonly prefixes: readonly Uint8Array[] = [PREFIX];
  /** Whoever joins, or missed a message, gets the note with the next exchange of states. */
  override readonly state: LayerState = {
    section: 200,
    local: () => encode(this.text),
    merge: (call, bytes) => {
      this.#take(call, decode(bytes));
      return { end: bytes.length, rest: null };
    },
  };
  text = "";
  readonly #keptMs: number;
  #host: LayerHost<NotesEvent> | null = null;
  #version = 0;

  constructor(keptMs: number) {
    super();
    this.#keptMs = keptMs;
  }

  override attach(host: LayerHost<NotesEvent>): void {
    this.#host = host;
  }

  /** A command of the application's: like all of them it takes the time and a place for outputs. */
  put(now: number, text: string, out: Outbox): void {
    this.#host?.command(now, out, (call) => this.#hear(call, text));
  }

  /** Asks one member for its note; the answer is an event. */
  ask(now: number, member: Address, out: Outbox): void {
    this.#host?.command(now, out, (call) =>
      this.#host?.exchange(call, member, PREFIX, 5000, (answered, answer) =>
        this.#host?.event(answered, { answer: answer.ok ? decode(answer.payload) : null }),
      ),
    );
  }

  override datagram(call: Call, payload: Uint8Array): boolean {
    this.#hear(call, decode(payload.subarray(PREFIX.length)));
    return true;
  }

  override stream(): Uint8Array {
    return encode(this.text);
  }

  override isCurrent(_kind: number, version: number): boolean {
    return version === this.#version;
  }

  override fallDue(_call: Call, _kind: number, version: number): void {
    if (version === this.#version) this.text = "";
  }

  /** Takes a note and passes it on. Copies that come back are reported, so that a note which all know is told no further. */
  #hear(call: Call, text: string): void {
    if (!this.#take(call, text)) return this.#host?.heardAgain(call, text);
    const payload = Uint8Array.of(...PREFIX, ...encode(text));
    this.#host?.broadcast(call, { payload, rumorClass: APPLICATION, subject: text });
  }

  #take(call: Call, text: string): boolean {
    if (text.length <= this.text.length) return false;
    this.text = text;
    this.#host?.wakeAt(call.now + this.#keptMs, EXPIRY, ++this.#version);
    this.#host?.event(call, { text });
    return true;
  }
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
