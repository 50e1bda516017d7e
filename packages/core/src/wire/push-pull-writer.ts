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

/** Room for the header: its keys, a flag and two integers of at most nine bytes. */
const HEADER_BYTES_MAX: number = HEADER_HEAD.length + 1 + NODES_KEY.length + 9 + USER_STATE_LEN_KEY.length + 9;

/**
 * Writes a push/pull member by member (section 7.3), without an object for each one, so that a large one can be written
 * in slices. The header is written last, into room left before the members, because their number is known only then.
 */
export class PushPullWriter {
  readonly #writer: Writer;
  readonly #header: Writer;
  readonly #join: boolean;
  #nodes = 0;

  /** A good estimate in `bytesExpected` saves the buffer from growing. */
  constructor(join: boolean, signed: SignedStyle = "v2", bytesExpected: number = 512) {
    this.#join = join;
    this.#writer = new Writer(signed, HEADER_BYTES_MAX + bytesExpected);
    this.#header = new Writer(signed, HEADER_BYTES_MAX);
    this.#writer.skip(HEADER_BYTES_MAX);
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
    this.#nodes++;
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

  /** The whole message, with the application's part at its end. The writer cannot be used again. */
  finish(userState: Uint8Array): Uint8Array {
    const header = this.#header;
    header.literal(HEADER_HEAD);
    header.bool(this.#join);
    header.literal(NODES_KEY);
    header.int(this.#nodes);
    header.literal(USER_STATE_LEN_KEY);
    header.int(userState.length);
    this.#writer.raw(userState);
    const bytes = this.#writer.borrow();
    const start = HEADER_BYTES_MAX - header.length;
    bytes.set(header.borrow(), start);
    return bytes.subarray(start);
  }
}
