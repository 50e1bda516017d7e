import type { Coordinate } from "./coordinate.ts";

/** Round-trip times of one node that are remembered. */
const SAMPLES_MAX = 3;

interface Peer {
  /** The last round-trip times in seconds, oldest first. */
  readonly samples: number[];
  coordinate: Coordinate;
}

/** What is remembered of other nodes: their last round-trip times and coordinates. Bounded: the longest silent go. */
export class LatencySamples {
  /** The one that has been silent for longest comes first. */
  readonly #peers = new Map<string, Peer>();
  readonly #peersMax: number;
  /** Nodes that gave way to others. */
  displaced = 0;

  constructor(peersMax: number) {
    this.#peersMax = peersMax;
  }

  get size(): number {
    return this.#peers.size;
  }

  /** Notes a measurement and returns the one to go by: the middle one of the last three, so that one late ack is nothing. */
  note(node: string, coordinate: Coordinate, rttSeconds: number): number {
    const peer = this.#peers.get(node) ?? { samples: [], coordinate };
    peer.samples.push(rttSeconds);
    if (peer.samples.length > SAMPLES_MAX) peer.samples.shift();
    // A copy, for the caller may use its object again.
    peer.coordinate = { ...coordinate, vec: [...coordinate.vec] };
    this.#peers.delete(node);
    this.#makeRoom();
    this.#peers.set(node, peer);
    const sorted = [...peer.samples].sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? rttSeconds;
  }

  coordinateOf(node: string): Coordinate | undefined {
    return this.#peers.get(node)?.coordinate;
  }

  forget(node: string): void {
    this.#peers.delete(node);
  }

  #makeRoom(): void {
    if (this.#peers.size < this.#peersMax) return;
    for (const longestSilent of this.#peers.keys()) {
      this.#peers.delete(longestSilent);
      this.displaced++;
      return;
    }
  }
}
