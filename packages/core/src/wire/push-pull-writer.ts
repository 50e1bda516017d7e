import { invariant } from "../invariant.ts";
import { head, key } from "./keys.ts";
import { PUSH_PULL } from "./messages.ts";
import { type SignedStyle, Writer } from "./writer.ts";

const HEADER_HEAD = head(PUSH_PULL, 3, "Join");
const NODES_KEY = key("Nodes");
const USER_STATE_LEN_KEY = key("UserStateLen");
/** The head of the map and its first key. */
const NODE_HEAD = Uint8Array.from([0x87, ...key("Addr")]);
const INCARNATION_KEY = key("Incarnation");
const META_KEY = key("Meta");
const NAME_KEY = key("Name");
const PORT_KEY = key("Port");
const STATE_KEY = key("State");
const VSN_KEY = key("Vsn");

/** A member with a short name and no metadata takes about this many bytes. */
const NODE_BYTES_TYPICAL = 96;

/** Writes a push/pull member by member, so that nobody has to make objects of them (section 7.3). */
export class PushPullWriter {
  readonly #writer: Writer;
  readonly #userState: Uint8Array;
  #missing: number;

  /**
   * `node` must then be called exactly `nodeCount` times. `bytesExpected`, if it is known about right, saves the buffer
   * from growing.
   */
  constructor(
    join: boolean,
    nodeCount: number,
    userState: Uint8Array,
    signed: SignedStyle = "v2",
    bytesExpected: number = 64 + nodeCount * NODE_BYTES_TYPICAL + userState.length,
  ) {
    this.#missing = nodeCount;
    this.#userState = userState;
    this.#writer = new Writer(signed, bytesExpected);
    this.#writer.literal(HEADER_HEAD);
    this.#writer.bool(join);
    this.#writer.literal(NODES_KEY);
    this.#writer.int(nodeCount);
    this.#writer.literal(USER_STATE_LEN_KEY);
    this.#writer.int(userState.length);
  }

  /** Adds one member. */
  node(
    name: string,
    addr: Uint8Array,
    port: number,
    meta: Uint8Array | null,
    incarnation: number,
    state: number,
    vsn: Uint8Array,
  ): void {
    const writer = this.#writer;
    this.#missing--;
    writer.literal(NODE_HEAD);
    writer.blobOrNil(addr);
    writer.literal(INCARNATION_KEY);
    writer.uint(incarnation);
    writer.literal(META_KEY);
    writer.blob(meta);
    writer.literal(NAME_KEY);
    writer.name(name);
    writer.literal(PORT_KEY);
    writer.uint(port);
    writer.literal(STATE_KEY);
    writer.int(state);
    writer.literal(VSN_KEY);
    writer.blobOrNil(vsn);
  }

  /** The whole message. The writer is used up. */
  finish(): Uint8Array {
    invariant(this.#missing === 0, "a push/pull must hold as many members as its header says");
    this.#writer.raw(this.#userState);
    return this.#writer.borrow();
  }
}
