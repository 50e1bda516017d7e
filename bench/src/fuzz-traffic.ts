import { below, type Random } from "@hearsay/core";
import {
  ACK,
  ALIVE,
  DEAD,
  encodeMessage,
  HAS_LABEL,
  INDIRECT_PING,
  type Message,
  NACK,
  PacketCodec,
  PING,
  PushPullWriter,
  SUSPECT,
  seal,
  sealedLength,
  USER,
  type WireOptions,
  wireOptions,
} from "@hearsay/core/wire";
import { loadVectors } from "@hearsay/testkit/vectors";
import { concatBytes } from "./concat-bytes.ts";
import { mutated, randomBytes } from "./mutate.ts";
import { address, hostOf, nameOf, VERSIONS } from "./sample-messages.ts";

/** Own packets that are kept and damaged repeatedly. On average every eighth packet sent replaces one by a new one. */
const OWN_PACKETS = 512;

/** An endless series of damaged packets from one seed: real ones of the reference and our own encodings. */
export class FuzzTraffic {
  readonly #random: Random;
  readonly #options: WireOptions;
  readonly #members: number;
  readonly #codec: PacketCodec = new PacketCodec(wireOptions({ packetCompressionMinBytes: 1000 }));
  /** The reference's packets as they go over the network, with any label and key. */
  readonly #wrapped: Uint8Array[] = [];
  /** Packets without label and encryption. */
  readonly #bare: Uint8Array[] = [];

  /** `members` is the number of the pool's members in the messages; `options` are the pool's. */
  constructor(random: Random, options: WireOptions, members: number) {
    this.#random = random;
    this.#options = options;
    this.#members = members;
    for (const { kind, hex } of loadVectors()) {
      if (kind === "packet" || kind === "stream") this.#wrapped.push(Uint8Array.from(Buffer.from(hex, "hex")));
    }
    for (let i = 0; i < OWN_PACKETS; i++) this.#bare.push(this.#packet());
  }

  /**
   * Returns one packet. Half of them are our own, damaged before label and encryption are added, so that they pass
   * these and reach the rest. The others are damaged as they go over the network, or random. About one in four is
   * intact, ours or the reference's, so that the node has activity that damage can disturb.
   */
  next(): Uint8Array {
    const random = this.#random;
    if (below(random, 8) === 0) this.#bare[below(random, OWN_PACKETS)] = this.#packet();
    const own = this.#pick(this.#bare);
    switch (below(random, 8)) {
      case 0:
        return this.#wrap(own);
      case 1:
        return mutated(random, this.#wrap(own), this.#pick(this.#wrapped));
      case 2:
        return mutated(random, this.#pick(this.#wrapped), own);
      case 3:
        return below(random, 8) === 0 ? randomBytes(random, below(random, 200)) : this.#pick(this.#wrapped);
      default:
        return this.#wrap(mutated(random, own, this.#pick(this.#bare)));
    }
  }

  /** A push/pull of some members, damaged half of the time. */
  state(): Uint8Array {
    const random = this.#random;
    const count = below(random, 40);
    const writer = new PushPullWriter(below(random, 2) === 0);
    for (let i = 0; i < count; i++) {
      const index = this.#anyMember();
      const { ip, port } = address(hostOf(index));
      writer.node(nameOf(index), ip, port, null, below(random, 20), below(random, 5), VERSIONS);
    }
    const bytes = writer.finish(randomBytes(random, below(random, 20)));
    return below(random, 2) === 0 ? bytes : mutated(random, bytes, bytes);
  }

  #pick(from: readonly Uint8Array[]): Uint8Array {
    return from[below(this.#random, from.length)] as Uint8Array;
  }

  #packet(): Uint8Array {
    const codec = this.#codec;
    codec.begin();
    for (let count = 1 + below(this.#random, 8); count > 0; count--) codec.add(encodeMessage(this.#message()));
    return codec.finish(below(this.#random, 2) === 0).slice();
  }

  /** Mostly a member of the pool, sometimes a stranger. */
  #anyMember(): number {
    return below(this.#random, 8) === 0 ? below(this.#random, 60_000) : below(this.#random, this.#members);
  }

  #message(): Message {
    const random = this.#random;
    const index = this.#anyMember();
    const node = nameOf(index);
    const { ip, port } = address(hostOf(index));
    const from = nameOf(this.#anyMember());
    const incarnation = below(random, 16);
    const seqNo = below(random, 2000);
    const source = { sourceAddr: ip, sourcePort: port, sourceNode: node };
    switch (below(random, 9)) {
      case 0:
        return { type: PING, node: below(random, 2) === 0 ? "self" : node, seqNo, ...source };
      case 1:
        return { type: INDIRECT_PING, node, seqNo, target: ip, port, nack: below(random, 2) === 0, ...source };
      case 2:
        return { type: ACK, seqNo, payload: randomBytes(random, below(random, 40)) };
      case 3:
        return { type: NACK, seqNo };
      case 4:
        return { type: SUSPECT, node: below(random, 4) === 0 ? "self" : node, from, incarnation };
      case 5:
        return { type: DEAD, node, from: below(random, 2) === 0 ? node : from, incarnation };
      case 6:
        return { type: USER, payload: randomBytes(random, below(random, 300)) };
      default:
        return { type: ALIVE, node, addr: ip, port, incarnation, meta: randomBytes(random, 20), vsn: VERSIONS };
    }
  }

  #wrap(bytes: Uint8Array): Uint8Array {
    const { keyring, cipher, label } = this.#options;
    const key = keyring?.primary ?? null;
    let body = bytes;
    if (key !== null && cipher !== null) {
      body = new Uint8Array(sealedLength(1, bytes.length));
      seal(cipher, key, 1, bytes, label, body, 0);
    }
    return label.length === 0 ? body : concatBytes(Uint8Array.of(HAS_LABEL, label.length), label, body);
  }
}
